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

    internal QueryApi(QueryApiOptions options, IQuerySource source, ComponentContext context, IReadOnlyList<KeyValuePair<string, string>> flags)
    {
        TimeProvider time = context.Time;
        var gate = new ConcurrencyGate(options.MaxConcurrent, new GateMetrics(context.Metrics, "thanos_query_concurrent_", "queries", options.MaxConcurrent));
        var selects = new GateMetrics(context.Metrics, "thanos_query_concurrent_selects_", "selects", options.MaxConcurrentSelect);
        var metrics = new QueryMetrics(context.Metrics, options.Telemetry);
        Budgets = new QueryBudgets(options);
        _queries = new QueryHandlers(options, source, new QueryEngine(time), Budgets, gate, selects, metrics, time);
        _metadata = new MetadataHandlers(options, source, Budgets, time);
        _stores = new StoresHandler(source);
        _status = new StatusApi(context.Environment.Build, flags, time.GetUtcNow());
        _explain = new ExplainHandlers(options, time);
        _texts = new TextHandlers(options);
    }

    internal QueryBudgets Budgets { get; }

    /// <summary>The API over a store of any kind: the proxy over many endpoints, or one in this process without a socket between.</summary>
    /// <param name="flags">What <c>status/flags</c> shows.</param>
    /// <param name="stores">What the stores endpoint shows, asked on every request; null shows <paramref name="store"/> itself.</param>
    /// <param name="deduplication">How replicas become one series, where a request wants it.</param>
    public static QueryApi Over(
        IStore store, QueryApiOptions options, ComponentContext context, IReadOnlyList<KeyValuePair<string, string>> flags,
        Func<IReadOnlyList<StoreStatus>>? stores = null, ReplicaDedup deduplication = ReplicaDedup.Penalty) =>
        new(options, new StoreQuerySource(store, stores ?? (() => [StatusOf(store, context.Time)]), deduplication), context, flags);

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
        MapUnsupported(routes);
    }

    private static void MapUnsupported(ApiRoutes routes)
    {
        routes.MapGet("/rules", "rules", ApiFailures.Wrap((http, _, _) => Task.FromResult(UnsupportedHandlers.Rules(http))));
        routes.MapGet("/alerts", "alerts", Plain(UnsupportedHandlers.Alerts));
        routes.MapGet("/targets", "targets", ApiFailures.Wrap((http, _, _) => Task.FromResult(UnsupportedHandlers.Targets(http))));
        routes.MapGet("/metadata", "metadata", ApiFailures.Wrap((http, _, _) => Task.FromResult(UnsupportedHandlers.Metadata(http))));
        routes.MapGetAndPost("/query_exemplars", "exemplars", Form(UnsupportedHandlers.Exemplars));
        routes.MapGet("/status/tsdb", "status_tsdb", Form(UnsupportedHandlers.TsdbStatus));
    }

    private static StoreStatus StatusOf(IStore store, TimeProvider time)
    {
        StoreInfo info = store.Info;
        return new StoreStatus(info.Component, store.Name, time.GetUtcNow(), null, info.LabelSets, info.MinTimeMs, info.MaxTimeMs);
    }

    private static ApiHandler Plain(Func<ApiResult> answer) => (_, _) => Task.FromResult(answer());

    private static ApiHandler Form(Func<ApiForm, ApiResult> answer) => ApiFailures.Wrap((_, form, _) => Task.FromResult(answer(form)));
}
