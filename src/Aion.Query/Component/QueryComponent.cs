using Aion.Hosting;
using Aion.Protocol;
using Aion.StoreApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Aion.Query;

/// <summary><c>aion query</c>: PromQL, and the Store API, over all endpoints it is given.</summary>
public static class QueryComponent
{
    private static readonly TimeSpan LongestUnready = TimeSpan.FromSeconds(30);

    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "query", "Query node that answers PromQL over all endpoints with a Store API it is given.", static flags => new QueryFlags(flags), SetupAsync);

    private static async Task SetupAsync(QueryFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        QueryApiOptions options = QueryOptionsReader.Api(handles, flags, context.Logger);
        RequestLogConfig requestLog = await handles.RequestLog.ReadAsync(flags, context.Environment, cancellationToken);
        EndpointSet endpoints = await QueryEndpoints.CreateAsync(handles, flags, context, cancellationToken);
        var proxy = new ProxyStore(() => endpoints.Stores, ProxyOptions(handles, flags, context), new ProxyMetrics(context.Metrics));
        var fleet = new FleetProxy(endpoints.PeersWith, options.Parser, new PeerSilence(LongestSilence(handles, flags), context.Time));
        QueryApi api = QueryApi.Over(
            proxy, options, context, [.. flags.Texts()], () => [.. endpoints.Statuses.Select(ToStatus)],
            flags.Get(handles.Engine.DeduplicationFunction) == "chain" ? ReplicaDedup.Chain : ReplicaDedup.Penalty, fleet);

        string prefix = Prefix(handles.Web, flags, context);
        string alertQueryUrl = AlertQueryUrl(flags.Get(handles.Engine.AlertQueryUrl));
        new HttpServer(
            context, handles.Http.Options(flags) with { RequestLog = requestLog.Http },
            routes => QueryWeb.Map(routes, api, context, options, prefix, !flags.Get(handles.Web.DisableCors), alertQueryUrl))
            .AddTo(group);
        group.Add("endpoints", async token =>
        {
            await using (endpoints)
            {
                await endpoints.RunAsync(token);
            }
        });
        var limits = new StoreLimits(
            (long)Math.Min(flags.Get(handles.Limits.Series), long.MaxValue), (long)Math.Min(flags.Get(handles.Limits.Samples), long.MaxValue));
        var served = new LimitedStore(proxy, limits, context.Metrics);
        new GrpcServer(
            context, handles.Grpc.Options(flags) with { RequestLog = requestLog.Grpc },
            static routes =>
            {
                routes.MapFleetApis();
                routes.MapGrpcService<QueryService>();
                routes.MapStoreApi();
            },
            services => services.AddStoreApi(served, context, ServedApis.Store | ServedApis.Query | FleetServices.Served)
                .AddFleetApis(fleet, api.Budgets.ForRequest).AddSingleton(new QueryService(api.Calls)))
            .AddTo(group, token => WaitUntilReadyAsync(endpoints, flags.Get(handles.Discovery.ResponseTimeout), context, token));
        context.Logger.Info("starting query node");
    }

    /// <summary>Ready when every endpoint was asked once what it is, or one of them takes too long to say so.</summary>
    private static async Task WaitUntilReadyAsync(EndpointSet endpoints, TimeSpan responseTimeout, ComponentContext context, CancellationToken cancellationToken)
    {
        TimeSpan longest = responseTimeout > TimeSpan.Zero ? responseTimeout : LongestUnready;
        try
        {
            await endpoints.FirstUpdate.WaitAsync(longest, context.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            context.Logger.Warn("endpoints are still being asked what they are, going on without", [("waited", longest)]);
        }

        context.Probe.SetReady();
    }

    /// <summary>
    /// How long an endpoint may keep those waiting who ask for rules, targets and the like. Without a flag less than a request may take, so that
    /// what the others answered is not lost with it.
    /// </summary>
    private static TimeSpan LongestSilence(QueryFlags handles, ParsedFlags flags)
    {
        TimeSpan given = flags.Get(handles.Discovery.ResponseTimeout);
        return given > TimeSpan.Zero ? given : flags.Get(handles.Engine.Timeout) * 0.9;
    }

    private static ProxyOptions ProxyOptions(QueryFlags handles, ParsedFlags flags, ComponentContext context) => new()
    {
        Component = "query",
        SelectorLabels = LabelFlags.Parse(flags.Get(handles.Engine.SelectorLabels)),
        ResponseTimeout = flags.Get(handles.Discovery.ResponseTimeout),
        BufferedFrames = Math.Max(1, flags.Get(handles.Engine.LazyBufferedResponses)),
        Time = context.Time,
    };

    /// <exception cref="ComponentException">Not the address of a web page.</exception>
    private static string AlertQueryUrl(string given)
    {
        if (given.Length == 0) return given;
        bool isWeb = Uri.TryCreate(given, UriKind.Absolute, out Uri? url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
        return isWeb ? given : throw new ComponentException($"--alert.query-url must begin with http:// or https://, got {given}");
    }

    private static string Prefix(QueryWebFlags web, ParsedFlags flags, ComponentContext context)
    {
        string route = flags.Get(web.RoutePrefix), external = flags.Get(web.ExternalPrefix);
        if (route.Length > 0 && external.Length > 0 && RoutePrefix.Normalize(route) != RoutePrefix.Effective("", external))
            context.Logger.Warn("different values for --web.route-prefix and --web.external-prefix: the page works behind a proxy that maps one to the other");
        return RoutePrefix.Effective(route, external);
    }

    private static StoreStatus ToStatus(EndpointStatus endpoint) => new(
        endpoint.Component, endpoint.Address, endpoint.LastCheck, endpoint.LastError, endpoint.LabelSets, endpoint.MinTimeMs, endpoint.MaxTimeMs);
}
