using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Aion.Hosting;

/// <summary>
/// Redirects what routing matches too generously: repeated slashes (307), a trailing slash or the wrong letter case (301 for GET and
/// HEAD, else 307). Runs after the match and before the endpoint.
/// </summary>
internal static class CanonicalPath
{
    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        string path = http.Request.Path.Value ?? "/";
        if (path.Contains("//", StringComparison.Ordinal))
            return RedirectAsync(http, Collapse(path), StatusCodes.Status307TemporaryRedirect, "Temporary Redirect");
        if (http.GetEndpoint() is not RouteEndpoint endpoint || Of(endpoint.RoutePattern, path) is not { } canonical || canonical == path)
            return next(http);
        bool isGet = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        return isGet
            ? RedirectAsync(http, canonical, StatusCodes.Status301MovedPermanently, "Moved Permanently")
            : RedirectAsync(http, canonical, StatusCodes.Status307TemporaryRedirect, "Temporary Redirect");
    }

    /// <summary>The path with the pattern's own spelling of literal segments; null for patterns that take any rest.</summary>
    private static string? Of(RoutePattern pattern, string path)
    {
        string[] segments = path.Trim('/').Split('/');
        if (pattern.PathSegments.Count != segments.Length || pattern.Parameters.Any(p => p.IsCatchAll)) return null;
        for (int i = 0; i < segments.Length; i++)
            if (pattern.PathSegments[i].Parts is [RoutePatternLiteralPart literal]) segments[i] = literal.Content;
        return "/" + string.Join('/', segments);
    }

    private static string Collapse(string path)
    {
        List<string> kept = [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        return "/" + string.Join('/', kept) + (path.EndsWith('/') && kept.Count > 0 ? "/" : "");
    }

    private static Task RedirectAsync(HttpContext http, string path, int status, string text)
    {
        string location = new PathString(path).ToUriComponent() + http.Request.QueryString.Value;
        http.Response.StatusCode = status;
        http.Response.Headers.Location = location;
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync($"<a href=\"{WebUtility.HtmlEncode(location)}\">{text}</a>.\n\n", http.RequestAborted);
    }
}
