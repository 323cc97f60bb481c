using System.Reflection;
using Aion.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Aion.Tools;

/// <summary>The page of the blocks: a timeline and a table for each group. One file that loads nothing but the API, relative to itself.</summary>
internal static class BlocksPage
{
    private const string Resource = "Aion.Tools.Web.blocks.html";

    /// <param name="prefix">Route prefix with a leading and without a trailing slash, or empty.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string prefix)
    {
        StaticPage page = StaticPage.OfResource(Assembly.GetExecutingAssembly(), Resource);
        foreach (string path in (string[])["/blocks", "/global", "/loaded"]) endpoints.MapGet(prefix + path, page.SendAsync);
        endpoints.MapGet("/", http => StaticPage.RedirectAsync(http, prefix + "/blocks"));
        if (prefix.Length > 0) endpoints.MapGet(prefix, http => StaticPage.RedirectAsync(http, prefix + "/blocks"));
    }
}
