using System.Buffers;
using System.Reflection;
using Aion.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aion.StoreGateway;

/// <summary>
/// The page that shows the loaded blocks. One file that loads nothing else and names the API relative to itself, so it works under any
/// prefix that a proxy puts in front; the root leads to it under that prefix.
/// </summary>
internal static class LoadedPage
{
    private static readonly SearchValues<char> PathChars =
        SearchValues.Create("/-._~%!$&'()*+,;=:@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private const string Resource = "Aion.StoreGateway.Web.loaded.html";

    /// <param name="externalPrefix">Where a proxy has this process, or a URL with that path; "" when it does not say, or the header does.</param>
    /// <param name="prefixHeader">Request header with the same; "" for none.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string externalPrefix, string prefixHeader)
    {
        StaticPage page = StaticPage.OfResource(Assembly.GetExecutingAssembly(), Resource);
        foreach (string path in (string[])["/loaded", "/blocks"]) endpoints.MapGet(path, page.SendAsync);
        // At the root, what is relative to the page depends on a slash that a proxy may have cut off: the way leads on to a path that has none.
        endpoints.MapGet("/", http => PrefixOf(http, externalPrefix, prefixHeader) is { Length: > 0 } prefix
            ? StaticPage.RedirectAsync(http, prefix + "/loaded")
            : page.SendAsync(http));
    }

    private static string PrefixOf(HttpContext http, string externalPrefix, string prefixHeader)
    {
        if (externalPrefix.Length > 0) return RoutePrefix.Effective("", externalPrefix);
        string given = prefixHeader.Length > 0 ? http.Request.Headers[prefixHeader].ToString() : "";
        // Only a path, whatever else a client sends, and none that a browser takes for a host.
        string prefix = RoutePrefix.Effective("", given);
        return prefix.AsSpan().IndexOfAnyExcept(PathChars) < 0 && !prefix.Contains("//", StringComparison.Ordinal) ? prefix : "";
    }
}
