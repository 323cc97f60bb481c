using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aion.Query;

/// <summary>
/// The page for people: an expression, a graph, a table, the stores. One file that loads nothing else and names the API relative to
/// itself, so it works under any prefix that a proxy puts in front.
/// </summary>
public static class GraphPage
{
    private const string Resource = "Aion.Query.Ui.graph.html";

    /// <param name="prefix">Route prefix with a leading and without a trailing slash, or empty.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string prefix)
    {
        byte[] page = Load();
        foreach (string path in (string[])["/graph", "/stores"]) endpoints.MapGet(prefix + path, http => SendAsync(http, page));
        if (prefix.Length == 0)
        {
            endpoints.MapGet("/", http => SendAsync(http, page));
            return;
        }

        endpoints.MapGet("/", http => RedirectAsync(http, prefix + "/graph"));
        endpoints.MapGet(prefix, http => RedirectAsync(http, prefix + "/graph"));
    }

    private static byte[] Load()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"resource {Resource} is not in the assembly");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static Task SendAsync(HttpContext http, byte[] page)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.ContentLength = page.Length;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        // The page needs its own script and the API, nothing else.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'";
        return http.Response.Body.WriteAsync(page, http.RequestAborted).AsTask();
    }

    private static Task RedirectAsync(HttpContext http, string location)
    {
        http.Response.StatusCode = StatusCodes.Status302Found;
        http.Response.Headers.Location = location;
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync($"<a href=\"{WebUtility.HtmlEncode(location)}\">Found</a>.\n\n", http.RequestAborted);
    }
}
