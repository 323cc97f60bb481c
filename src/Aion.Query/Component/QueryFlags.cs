using Aion.Hosting;

namespace Aion.Query;

/// <summary>The flags of <c>aion query</c>, in the order help shows them.</summary>
/// <remarks>reference/cli-flags.md §5.</remarks>
internal sealed class QueryFlags
{
    public QueryFlags(FlagSet flags)
    {
        Http = new HttpFlags(flags);
        Grpc = new GrpcFlags(flags);
        Clients = new GrpcClientFlags(flags);
        Web = new QueryWebFlags(flags);
        Engine = new QueryEngineFlags(flags);
        Tenancy = new TenancyFlags(flags);
        Discovery = new DiscoveryFlags(flags);
        Limits = new StoreLimitFlags(flags);
        RequestLog = new RequestLogFlags(flags);
    }

    public RequestLogFlags RequestLog { get; }

    public HttpFlags Http { get; }

    public GrpcFlags Grpc { get; }

    public GrpcClientFlags Clients { get; }

    public QueryWebFlags Web { get; }

    public QueryEngineFlags Engine { get; }

    public TenancyFlags Tenancy { get; }

    public DiscoveryFlags Discovery { get; }

    public StoreLimitFlags Limits { get; }
}

/// <summary>How the API and the page are reached.</summary>
internal sealed class QueryWebFlags
{
    public QueryWebFlags(FlagSet flags)
    {
        RoutePrefix = flags.String("web.route-prefix",
            "Path prefix of the API and the page. Without it the path of --web.external-prefix is taken.", "");
        ExternalPrefix = flags.String("web.external-prefix", "Path prefix under which users reach this process, when a proxy adds one.", "");
        PrefixHeader = flags.String("web.prefix-header",
            "Name of the header in which a proxy says its prefix. Links of the page are relative, so they hold behind any prefix.", "");
        DisableCors = flags.Bool("web.disable-cors", "Leave out the headers that let pages of other sites use the API.");
    }

    public Flag<string> RoutePrefix { get; }

    public Flag<string> ExternalPrefix { get; }

    public Flag<string> PrefixHeader { get; }

    public Flag<bool> DisableCors { get; }
}

/// <summary>How queries are evaluated.</summary>
internal sealed class QueryEngineFlags
{
    public QueryEngineFlags(FlagSet flags)
    {
        Timeout = flags.PrometheusDuration("query.timeout", "Longest time a query may take.", "2m");
        PromQLEngine = flags.Enum("query.promql-engine",
            "Engine that a request without one means. Both names are served by the same engine.", ["prometheus", "thanos"], "prometheus");
        DisableFallback = flags.Bool("query.disable-fallback", "Never evaluate with another engine, which is always so here.", hidden: true);
        EnableXFunctions = flags.Bool("query.enable-x-functions", "Turn on the functions xrate, xincrease and xdelta.");
        DisabledPlanPasses = flags.Enums("query.disable-plan-pass",
            "Pass over the plan of a query to leave out; may be repeated. Answers stay the same.", PromQL.QueryEngine.PassNames, hidden: true);
        Mode = flags.Enum("query.mode", "Where queries are evaluated; only local is supported.", ["local", "distributed"], "local");
        MaxConcurrent = flags.Int("query.max-concurrent", "Queries evaluated at the same time; 0 for no limit.", "20");
        LookbackDelta = flags.GoDuration("query.lookback-delta", "How far a selector looks back for a sample. Not given: 5m.");
        DynamicLookbackDelta = flags.Bool("query.dynamic-lookback-delta", "Look back further where downsampled data is allowed.", true, hidden: true);
        MaxConcurrentSelect = flags.Int("query.max-concurrent-select", "Selects of one query that are started at the same time; 0 for no limit.", "4");
        MaxMemoryBytes = flags.Size("query.max-memory-bytes",
            "What one query may hold in memory; it fails beyond it. 0B for no limit. Not given: a quarter of the memory the process may use.");
        MaxTotalMemoryBytes = flags.Size("query.max-total-memory-bytes",
            "What all queries together may hold in memory; the one that asks for more fails. 0B for no limit. Not given: half of the memory the process may use.");
        MaxSamples = flags.Int64("query.max-samples", "Samples one query may hold in memory; it fails beyond it. 0 for no limit.", "0");
        ConnectionLabels = flags.Enums("query.conn-metric.label",
            "Labels of the metric that counts connections to endpoints; may be repeated.", ["external_labels", "store_type", "ip_port"], ["external_labels", "store_type"]);
        DeduplicationFunction = flags.Enum("deduplication.func",
            "[EXPERIMENTAL] How samples of replicas become one series.", ["penalty", "chain"], "penalty");
        ReplicaLabels = flags.Strings("query.replica-label",
            "Label that tells replicas apart and is dropped when series are deduplicated. May be repeated, or hold several separated by commas.");
        const string NotDistributed = "queries are not distributed yet";
        flags.Unsupported("query.partition-label", NotDistributed);
        flags.Unsupported("query.distributed-with-overlapping-interval", NotDistributed, isBool: true);
        InstantDefaultMaxSourceResolution = flags.PrometheusDuration("query.instant.default.max_source_resolution",
            "Coarsest resolution of an instant query that names none, with automatic downsampling.", "0s", hidden: true);
        MetadataDefaultTimeRange = flags.GoDuration("query.metadata.default-time-range",
            "How far back requests for labels and series look when they name no start; 0s for everything.", "0s");
        SelectorLabels = flags.Strings("selector-label", "Label of this querier that is announced to others and selects it.", placeHolder: "<name>=\"<value>\"");
        AutoDownsampling = flags.Bool("query.auto-downsampling", "Allow a fifth of the step as resolution where a range query names none.");
        PartialResponse = flags.Bool("query.partial-response", "Answer with warnings when a store fails, unless a request says otherwise.", true);
        RulePartialResponse = FleetPartialResponse(flags, "rule", "rules and alerts");
        TargetPartialResponse = FleetPartialResponse(flags, "target", "targets");
        MetadataPartialResponse = FleetPartialResponse(flags, "metric-metadata", "metric metadata");
        ExemplarPartialResponse = FleetPartialResponse(flags, "exemplar", "exemplars");
        StatusPartialResponse = FleetPartialResponse(flags, "status", "TSDB statistics");
        LazyBufferedResponses = flags.Int("query.lazy-retrieval-max-buffered-responses",
            "Messages of one store that are held while others are slower.", "20", hidden: true);
        ProxyStrategy = flags.Enum("grpc.proxy-strategy",
            "How answers of stores are merged. Both names mean as they stream in.", ["eager", "lazy"], "eager", hidden: true);
        flags.Unsupported("query.active-query-path", "running queries are not written to a file");
        Features = flags.Strings("enable-feature",
            $"Feature to turn on; may be repeated. One of: {string.Join(", ", QueryFeatures.Names)}.", [""]);
        DefaultEvaluationInterval = flags.PrometheusDuration("query.default-evaluation-interval", "Step of subqueries that name none.", "1m");
        DefaultStep = flags.PrometheusDuration("query.default-step", "Smallest step of range queries that name none.", "1s");
        AlertQueryUrl = flags.String("alert.query-url", "URL of the querier on which the expressions of alerts open. Not given: this one.", "");
        DurationBuckets = flags.Floats("query.telemetry.request-duration-seconds-quantiles",
            "Bounds of the histogram of query durations.", ["0.1", "0.25", "0.75", "1.25", "1.75", "2.5", "3", "5", "10"]);
        SampleBuckets = flags.Floats("query.telemetry.request-samples-quantiles",
            "Bounds of the size classes of that histogram, in samples.", ["100", "1000", "10000", "100000", "1000000"]);
        SeriesBuckets = flags.Floats("query.telemetry.request-series-seconds-quantiles",
            "Bounds of the size classes of that histogram, in series.", ["10", "100", "1000", "10000", "100000"]);
    }

    private static Flag<bool> FleetPartialResponse(FlagSet flags, string api, string what) =>
        flags.Bool($"{api}.partial-response", $"Answer requests for {what} with warnings when an endpoint fails.", true, hidden: true);

    public Flag<TimeSpan> Timeout { get; }

    public Flag<string> PromQLEngine { get; }

    public Flag<bool> DisableFallback { get; }

    public Flag<bool> EnableXFunctions { get; }

    public Flag<IReadOnlyList<string>> DisabledPlanPasses { get; }

    public Flag<string> Mode { get; }

    public Flag<int> MaxConcurrent { get; }

    public Flag<TimeSpan> LookbackDelta { get; }

    public Flag<bool> DynamicLookbackDelta { get; }

    public Flag<int> MaxConcurrentSelect { get; }

    public Flag<long> MaxMemoryBytes { get; }

    public Flag<long> MaxTotalMemoryBytes { get; }

    public Flag<long> MaxSamples { get; }

    public Flag<IReadOnlyList<string>> ConnectionLabels { get; }

    public Flag<string> DeduplicationFunction { get; }

    public Flag<IReadOnlyList<string>> ReplicaLabels { get; }

    public Flag<TimeSpan> InstantDefaultMaxSourceResolution { get; }

    public Flag<TimeSpan> MetadataDefaultTimeRange { get; }

    public Flag<IReadOnlyList<string>> SelectorLabels { get; }

    public Flag<bool> AutoDownsampling { get; }

    public Flag<bool> PartialResponse { get; }

    public Flag<bool> RulePartialResponse { get; }

    public Flag<bool> TargetPartialResponse { get; }

    public Flag<bool> MetadataPartialResponse { get; }

    public Flag<bool> ExemplarPartialResponse { get; }

    public Flag<bool> StatusPartialResponse { get; }

    public Flag<int> LazyBufferedResponses { get; }

    public Flag<string> ProxyStrategy { get; }

    public Flag<IReadOnlyList<string>> Features { get; }

    public Flag<TimeSpan> DefaultEvaluationInterval { get; }

    public Flag<TimeSpan> DefaultStep { get; }

    public Flag<string> AlertQueryUrl { get; }

    public Flag<IReadOnlyList<double>> DurationBuckets { get; }

    public Flag<IReadOnlyList<double>> SampleBuckets { get; }

    public Flag<IReadOnlyList<double>> SeriesBuckets { get; }
}
