using Aion.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Aion.Query;

/// <summary>The query API and its page on an HTTP server, as every process that answers PromQL has them.</summary>
public static class QueryWeb
{
    /// <param name="prefix">Route prefix, "" for none.</param>
    /// <param name="alertQueryUrl">Where the page opens the expressions of alerts; empty: on itself.</param>
    public static void Map(
        IEndpointRouteBuilder routes, QueryApi api, ComponentContext context, QueryApiOptions options, string prefix, bool sendsCors, string alertQueryUrl = "")
    {
        var metrics = new HttpMetrics(context.Metrics, http => TenantResolver.NameOf(http, options.Tenancy));
        var apiRoutes = new ApiRoutes(routes, metrics, context.Logger, prefix, sendsCors);
        apiRoutes.MapOptions();
        api.Map(apiRoutes);
        GraphPage.Map(routes, prefix, alertQueryUrl);
    }
}
