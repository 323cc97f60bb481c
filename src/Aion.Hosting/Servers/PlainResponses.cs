using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>Gives routing's bare 404 and 405 the bodies clients of the field know.</summary>
internal static class PlainResponses
{
    public static async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (http.Response.HasStarted || http.Response.ContentType is not null || http.Response.ContentLength is not null) return;
        switch (http.Response.StatusCode)
        {
            case StatusCodes.Status404NotFound:
                await WriteAsync(http, "404 page not found\n");
                break;
            case StatusCodes.Status405MethodNotAllowed when http.Response.Headers.Allow == HttpMethods.Options:
                // Only the API's answer to OPTIONS, which stands for all its paths, matches: there is no such path.
                http.Response.Headers.Remove("Allow");
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                await WriteAsync(http, "404 page not found\n");
                break;
            case StatusCodes.Status405MethodNotAllowed:
                http.Response.Headers.Allow = Sorted(http.Response.Headers.Allow.ToString());
                await WriteAsync(http, "Method Not Allowed\n");
                break;
        }
    }

    private static Task WriteAsync(HttpContext http, string body)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync(body, http.RequestAborted);
    }

    private static string Sorted(string methods) =>
        string.Join(", ", methods.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal));
}
