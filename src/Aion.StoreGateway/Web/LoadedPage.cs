using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aion.StoreGateway;

/// <summary>
/// The page that shows the loaded blocks. One file that loads nothing else and names the API relative to itself, so it works under any
/// prefix that a proxy puts in front.
/// </summary>
internal static class LoadedPage
{
    private const string Resource = "Aion.StoreGateway.Web.loaded.html";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        byte[] page = Load();
        foreach (string path in (string[])["/", "/loaded", "/blocks"]) endpoints.MapGet(path, http => SendAsync(http, page));
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
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'";
        return http.Response.Body.WriteAsync(page, http.RequestAborted).AsTask();
    }
}
