using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Aion.Hosting;

/// <summary>
/// The page of the blocks: a timeline and a table for each group and, where the process has <c>/compact/progress</c>, what a compactor does
/// and has ahead. One file that loads nothing but the API, relative to itself.
/// </summary>
public static class BlocksPage
{
    private const string Resource = "Aion.Hosting.blocks.html";

    /// <param name="prefix">Route prefix with a leading and without a trailing slash, or empty.</param>
    /// <param name="links">What the addresses of redirects begin with.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string prefix, WebPrefix links)
    {
        StaticPage page = StaticPage.OfResource(Assembly.GetExecutingAssembly(), Resource);
        foreach (string path in (string[])["/blocks", "/global", "/loaded"]) endpoints.MapGet(prefix + path, page.SendAsync);
        endpoints.MapGet(prefix.Length == 0 ? "/" : prefix, http => StaticPage.RedirectAsync(http, links.Of(http) + "/blocks"));
    }
}
