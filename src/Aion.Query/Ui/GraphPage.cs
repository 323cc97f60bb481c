using System.Net;
using System.Reflection;
using Aion.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Aion.Query;

/// <summary>
/// The page for people: an expression, a graph, a table, alerts, the stores. One file that loads nothing else and names the API relative to
/// itself, so it works under any prefix that a proxy puts in front.
/// </summary>
public static class GraphPage
{
    private const string Resource = "Aion.Query.Ui.graph.html";

    /// <param name="prefix">Route prefix with a leading and without a trailing slash, or empty.</param>
    /// <param name="alertQueryUrl">Where the expressions of alerts open; empty: on this page.</param>
    public static void Map(IEndpointRouteBuilder endpoints, string prefix, string alertQueryUrl = "")
    {
        StaticPage page = StaticPage.OfResource(
            Assembly.GetExecutingAssembly(), Resource, ("name=\"alert-query-url\" content=\"\"", $"name=\"alert-query-url\" content=\"{WebUtility.HtmlEncode(alertQueryUrl)}\""));
        foreach (string path in (string[])["/graph", "/alerts", "/stores"]) endpoints.MapGet(prefix + path, page.SendAsync);
        if (prefix.Length == 0)
        {
            endpoints.MapGet("/", page.SendAsync);
            return;
        }

        endpoints.MapGet("/", http => StaticPage.RedirectAsync(http, prefix + "/graph"));
        endpoints.MapGet(prefix, http => StaticPage.RedirectAsync(http, prefix + "/graph"));
    }
}
