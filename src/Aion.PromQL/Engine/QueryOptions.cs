using Aion.Storage;

namespace Aion.PromQL;

/// <summary>How one query is evaluated. Defaults are those of a server without feature flags.</summary>
public sealed record QueryOptions
{
    /// <summary>How far an instant selector looks back for a sample, milliseconds; the interval is left-open.</summary>
    public long LookbackDeltaMs { get; init; } = 300_000;

    /// <summary>Longest evaluation; zero or less: no limit. The clock starts when the engine is called.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most samples the query may hold at once (a histogram counts by its size); zero or less: no limit.</summary>
    public long MaxSamples { get; init; } = 50_000_000;

    /// <summary>Step of a subquery that names none, milliseconds.</summary>
    public long DefaultSubqueryStepMs { get; init; } = 60_000;

    /// <summary><c>promql-delayed-name-removal</c>: metric names are dropped at the very end of a query.</summary>
    public bool DelayedNameRemoval { get; init; }

    /// <summary><c>use-start-timestamps</c>: rate, increase, irate and resets see resets in start timestamps; start_timestamp() answers.</summary>
    public bool UseStartTimestamps { get; init; }

    /// <summary><c>type-and-unit-labels</c>: rate and increase judge "might not be a counter" by the label <c>__type__</c>.</summary>
    public bool TypeAndUnitLabels { get; init; }

    /// <summary>Which parts of the language are on; used when the query comes as text.</summary>
    public ParserOptions Parser { get; init; } = ParserOptions.Default;

    /// <summary>What the query may hold in memory; null: unlimited.</summary>
    public MemoryBudget? Budget { get; init; }

    /// <summary>Workers that decode and compute series at the same time.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Measure every operator: <see cref="QueryResult.Analysis"/>.</summary>
    public bool Analyze { get; init; }

    /// <summary>Collect the per-step statistics too.</summary>
    public bool PerStepStatistics { get; init; }

    /// <summary>
    /// Labels that the querier takes off the series it selects (those of replicas): matchers on them select, but say nothing of what was selected.
    /// </summary>
    public IReadOnlySet<string> RemovedLabels { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;

    /// <summary>Plan passes to leave out, by name (<see cref="QueryEngine.PassNames"/>); for tests and for bisecting a wrong answer.</summary>
    public IReadOnlySet<string> DisabledPasses { get; init; } = System.Collections.Frozen.FrozenSet<string>.Empty;
}
