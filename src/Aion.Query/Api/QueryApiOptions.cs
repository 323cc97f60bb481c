using Aion.PromQL;

namespace Aion.Query;

/// <summary>How the query API behaves where a request says nothing. Immutable.</summary>
public sealed record QueryApiOptions
{
    /// <summary>Longest query. Upstream: <c>--query.timeout</c>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Queries evaluated at once; 0 = no limit. Upstream: <c>--query.max-concurrent</c>.</summary>
    public int MaxConcurrent { get; init; } = 20;

    /// <summary>Selects of one query that are started at once; 0 = no limit. Upstream: <c>--query.max-concurrent-select</c>.</summary>
    public int MaxConcurrentSelect { get; init; } = 4;

    /// <summary>Zero: the engine's five minutes. Upstream: <c>--query.lookback-delta</c>.</summary>
    public TimeSpan LookbackDelta { get; init; }

    /// <summary>Look back further where downsampled data is allowed. Upstream: <c>--query.dynamic-lookback-delta</c>.</summary>
    public bool DynamicLookbackDelta { get; init; } = true;

    /// <summary>Sorted, unique. Upstream: <c>--query.replica-label</c>.</summary>
    public IReadOnlyList<string> ReplicaLabels { get; init; } = [];

    /// <summary>Upstream: <c>--query.partial-response</c>.</summary>
    public bool PartialResponse { get; init; } = true;

    /// <summary>Allow a fifth of the step as resolution where a range query names none. Upstream: <c>--query.auto-downsampling</c>.</summary>
    public bool AutoDownsampling { get; init; }

    /// <summary>Upstream: <c>--query.instant.default.max_source_resolution</c>.</summary>
    public TimeSpan InstantDefaultMaxSourceResolution { get; init; }

    /// <summary>Whole seconds count. Upstream: <c>--query.default-step</c>.</summary>
    public TimeSpan DefaultStep { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Step of a subquery that names none. Upstream: <c>--query.default-evaluation-interval</c>.</summary>
    public TimeSpan DefaultEvaluationInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How far back label and series requests without a start look; zero: to the beginning. Upstream: <c>--query.metadata.default-time-range</c>.</summary>
    public TimeSpan MetadataDefaultTimeRange { get; init; }

    /// <summary>What one query may hold where no flag says so: a quarter of the memory the process may use.</summary>
    public static long DefaultMemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;

    /// <summary>What all queries may hold together where no flag says so: half of the memory the process may use.</summary>
    public static long DefaultTotalMemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <summary>What one query may hold in memory, bytes; 0 = no limit. Ours: <c>--query.max-memory-bytes</c>.</summary>
    public long MaxMemoryBytes { get; init; }

    /// <summary>What all queries together may hold in memory, bytes; 0 = no limit. Ours: <c>--query.max-total-memory-bytes</c>.</summary>
    public long MaxTotalMemoryBytes { get; init; }

    /// <summary>Samples one query may hold; 0 = no limit. Ours: <c>--query.max-samples</c>.</summary>
    public long MaxSamples { get; init; }

    /// <summary>Which parts of the language are on. Upstream: <c>--enable-feature</c>.</summary>
    public ParserOptions Parser { get; init; } = ParserOptions.Default;

    /// <summary>Metric names are dropped at the very end of a query. Ours: <c>--enable-feature=promql-delayed-name-removal</c>.</summary>
    public bool DelayedNameRemoval { get; init; }

    /// <summary>Passes over the plan to leave out (<see cref="QueryEngine.PassNames"/>). Ours: <c>--query.disable-plan-pass</c>, hidden.</summary>
    public IReadOnlySet<string> DisabledPlanPasses { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;

    /// <summary>Whether the APIs beside the store answer without endpoints that fail.</summary>
    public FleetPartialResponse FleetPartialResponse { get; init; } = new(true, true, true, true, true);

    public QueryTelemetryBuckets Telemetry { get; init; } = new();

    /// <summary>What explain requests without an engine mean; answers do not depend on it. Upstream: <c>--query.promql-engine</c>.</summary>
    public string DefaultEngine { get; init; } = "prometheus";

    public TenancyOptions Tenancy { get; init; } = new();

    /// <summary>The engine that a request means, by what its parameter says.</summary>
    internal string EngineOf(string asked) => asked.Length == 0 ? DefaultEngine : asked;
}

/// <summary>By API; upstream: <c>--rule.partial-response</c>, <c>--target.…</c>, <c>--metric-metadata.…</c>, <c>--exemplar.…</c>, <c>--status.…</c>.</summary>
public sealed record FleetPartialResponse(bool Rules, bool Targets, bool Metadata, bool Exemplars, bool Status);

/// <summary>Whose data a request may see. Immutable.</summary>
public sealed record TenancyOptions
{
    /// <summary>Upstream: <c>--query.tenant-header</c>.</summary>
    public string Header { get; init; } = TenantResolver.DefaultHeader;

    /// <summary>Upstream: <c>--query.default-tenant-id</c>.</summary>
    public string DefaultTenant { get; init; } = "default-tenant";

    /// <summary><c>organization</c>, <c>organizationalUnit</c>, <c>commonName</c>, or empty. Upstream: <c>--query.tenant-certificate-field</c>.</summary>
    public string CertificateField { get; init; } = "";

    /// <summary>Let a query see only series of its tenant. Upstream: <c>--query.enforce-tenancy</c>.</summary>
    public bool Enforce { get; init; }

    /// <summary>Upstream: <c>--query.tenant-label-name</c>.</summary>
    public string LabelName { get; init; } = "tenant_id";
}
