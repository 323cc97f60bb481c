using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aion.Hosting;

/// <summary>A page that lies in an assembly: one file, which loads nothing but the API it names relative to itself.</summary>
public sealed class StaticPage
{
    private readonly byte[] _content;

    private StaticPage(byte[] content) => _content = content;

    /// <param name="resource">Its name in the calling assembly.</param>
    /// <param name="replacements">Texts of the page and what stands there instead.</param>
    public static StaticPage OfResource(Assembly assembly, string resource, params ReadOnlySpan<(string Text, string By)> replacements)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"resource {resource} is not in the assembly");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        if (replacements.IsEmpty) return new StaticPage(copy.ToArray());
        string page = Encoding.UTF8.GetString(copy.ToArray());
        foreach ((string text, string by) in replacements) page = page.Replace(text, by, StringComparison.Ordinal);
        return new StaticPage(Encoding.UTF8.GetBytes(page));
    }

    public Task SendAsync(HttpContext http)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.ContentLength = _content.Length;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        // The page needs its own script and the API, nothing else.
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'";
        return http.Response.Body.WriteAsync(_content, http.RequestAborted).AsTask();
    }

    /// <summary>Sends the browser to another place of this server.</summary>
    public static Task RedirectAsync(HttpContext http, string location)
    {
        http.Response.StatusCode = StatusCodes.Status302Found;
        http.Response.Headers.Location = location;
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync($"<a href=\"{WebUtility.HtmlEncode(location)}\">Found</a>.\n\n", http.RequestAborted);
    }
}
