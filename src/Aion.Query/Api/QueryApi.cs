using Aion.Hosting;
using Aion.PromQL;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Query;

/// <summary>
/// The query API (<c>/api/v1/query</c> and its neighbours) over one source of series. Holds no static state: a process may have several.
/// </summary>
public sealed class QueryApi
{
    private readonly QueryHandlers _queries;
    private readonly ExplainHandlers _explain;
    private readonly MetadataHandlers _metadata;
    private readonly StoresHandler _stores;
    private readonly StatusApi _status;
    private readonly TextHandlers _texts;
    private readonly FleetHandlers _fleet;

    internal QueryApi(
        QueryApiOptions options, IQuerySource source, ComponentContext context, IReadOnlyList<KeyValuePair<string, string>> flags, IFleetApis fleet)
    {
        TimeProvider time = context.Time;
        var gate = new ConcurrencyGate(options.MaxConcurrent, new GateMetrics(context.Metrics, "thanos_query_concurrent_", "queries", options.MaxConcurrent));
        var selects = new GateMetrics(context.Metrics, "thanos_query_concurrent_selects_", "selects", options.MaxConcurrentSelect);
        var metrics = new QueryMetrics(context.Metrics, options.Telemetry);
        Budgets = new QueryBudgets(options);
        var runner = new QueryRunner(options, source, new QueryEngine(time), gate, selects, metrics, time);
        _queries = new QueryHandlers(options, runner, Budgets, time);
        Calls = new QueryCalls(options, runner, Budgets, time);
        _metadata = new MetadataHandlers(options, source, Budgets, time);
        _stores = new StoresHandler(source);
        _status = new StatusApi(context.Environment.Build, flags, time.GetUtcNow());
        _explain = new ExplainHandlers(options, time);
        _texts = new TextHandlers(options);
        _fleet = new FleetHandlers(options, fleet, Budgets, time);
    }

    internal QueryBudgets Budgets { get; }

    /// <summary>The same over gRPC.</summary>
    internal QueryCalls Calls { get; }

    /// <summary>The API over a store of any kind: the proxy over many endpoints, or one in this process without a socket between.</summary>
    /// <param name="flags">What <c>status/flags</c> shows.</param>
    /// <param name="stores">What the stores endpoint shows, asked on every request; null shows <paramref name="store"/> itself.</param>
    /// <param name="deduplication">How replicas become one series, where a request wants it.</param>
    /// <param name="fleet">The APIs beside the store; null: there are no endpoints that serve them.</param>
    public static QueryApi Over(
        IStore store, QueryApiOptions options, ComponentContext context, IReadOnlyList<KeyValuePair<string, string>> flags,
        Func<IReadOnlyList<StoreStatus>>? stores = null, ReplicaDedup deduplication = ReplicaDedup.Penalty, IFleetApis? fleet = null) =>
        new(options, new StoreQuerySource(store, stores ?? (() => [StatusOf(store, context.Time)]), deduplication), context, flags,
            fleet ?? new FleetProxy(static _ => [], options.Parser, new PeerSilence(TimeSpan.Zero, context.Time)));

    /// <summary>Maps every endpoint; call once. OPTIONS are the caller's to map.</summary>
    public void Map(ApiRoutes routes)
    {
        routes.MapGetAndPost("/query", "query", ApiFailures.Wrap(_queries.InstantAsync));
        routes.MapGetAndPost("/query_range", "query_range", ApiFailures.Wrap(_queries.RangeAsync));
        routes.MapGetAndPost("/query_explain", "query", Form(_explain.Instant));
        routes.MapGetAndPost("/query_range_explain", "query", Form(_explain.Range));
        routes.MapGetAndPost("/series", "series", ApiFailures.Wrap(_metadata.SeriesAsync));
        routes.MapGetAndPost("/labels", "label_names", ApiFailures.Wrap(_metadata.LabelNamesAsync));
        routes.MapGet("/label/{name}/values", "label_values", ApiFailures.Wrap(_metadata.LabelValuesAsync));
        routes.MapGet("/stores", "stores", Plain(_stores.Stores));
        _status.Map(routes);
        routes.MapGetAndPost("/format_query", "format_query", Form(_texts.Format));
        routes.MapGetAndPost("/parse_query", "parse_query", Form(_texts.Tree));
        routes.MapGet("/rules", "rules", ApiFailures.Wrap(_fleet.RulesAsync));
        routes.MapGet("/alerts", "alerts", ApiFailures.Wrap((http, _, token) => _fleet.AlertsAsync(http, token)));
        routes.MapGet("/targets", "targets", ApiFailures.Wrap((http, _, token) => _fleet.TargetsAsync(http, token)));
        routes.MapGet("/metadata", "metadata", ApiFailures.Wrap((http, _, token) => _fleet.MetadataAsync(http, token)));
        routes.MapGetAndPost("/query_exemplars", "exemplars", ApiFailures.Wrap(_fleet.ExemplarsAsync));
        routes.MapGet("/status/tsdb", "status_tsdb", ApiFailures.Wrap(_fleet.StatisticsAsync));
    }

    private static StoreStatus StatusOf(IStore store, TimeProvider time)
    {
        StoreInfo info = store.Info;
        return new StoreStatus(info.Component, store.Name, time.GetUtcNow(), null, info.LabelSets, info.MinTimeMs, info.MaxTimeMs);
    }

    private static ApiHandler Plain(Func<ApiResult> answer) => (_, _) => Task.FromResult(answer());

    private static ApiHandler Form(Func<ApiForm, ApiResult> answer) => ApiFailures.Wrap((_, form, _) => Task.FromResult(answer(form)));
}
