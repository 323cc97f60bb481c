using Aion.Model;
using Aion.Storage;

namespace Aion.Query;

/// <summary>What a query asks of the stores, whatever it computes: the parameters that query, query_range and series share.</summary>
internal sealed record SelectParameters
{
    public bool Deduplicate { get; init; } = true;

    /// <summary>Labels that tell replicas apart.</summary>
    public IReadOnlyList<string> ReplicaLabels { get; init; } = [];

    /// <summary>Labels that selected series lose.</summary>
    public IReadOnlySet<string> RemovedLabels => Deduplicate ? ReplicaLabels.ToHashSet(StringComparer.Ordinal) : [];

    /// <summary>Answer with what there is, and warnings, when a store fails.</summary>
    public bool PartialResponse { get; init; } = true;

    /// <summary>Selectors over the pseudo label <c>__address__</c>; a store takes part when one of them matches. Empty: all stores.</summary>
    public IReadOnlyList<IReadOnlyList<LabelMatcher>> StoreMatch { get; init; } = [];

    /// <summary>The coarsest resolution allowed, milliseconds; 0 = raw only.</summary>
    public long MaxResolutionMs { get; init; }

    public ShardInfo? Shard { get; init; }

    /// <summary>Series wanted of one select; 0 = no limit.</summary>
    public long Limit { get; init; }
}

/// <summary>The parameters of query and query_range.</summary>
internal sealed record QueryParameters
{
    public required string Query { get; init; }

    /// <summary>First evaluation time, milliseconds; an instant query has only this one.</summary>
    public required long StartMs { get; init; }

    public required long EndMs { get; init; }

    /// <summary>0 for an instant query.</summary>
    public long StepMs { get; init; }

    /// <summary>What the request allows itself; the server's own limit holds as well.</summary>
    public TimeSpan? Timeout { get; init; }

    public required SelectParameters Select { get; init; }

    public required long LookbackMs { get; init; }

    public bool WantsStatistics { get; init; }

    public bool WantsAnalysis { get; init; }

    /// <summary>The measures that Thanos does not know too: <c>analyze=all</c>.</summary>
    public bool WantsAllMeasures { get; init; }

    public bool IsRange => StepMs > 0;
}

/// <summary>The parameters of series, labels and label values.</summary>
internal sealed record MetadataParameters
{
    public required TimeRange Range { get; init; }

    /// <summary>One list of matchers a <c>match[]</c>; the answer is what any of them matches.</summary>
    public required IReadOnlyList<IReadOnlyList<LabelMatcher>> MatcherSets { get; init; }

    public required SelectParameters Select { get; init; }

    /// <summary>0 = no limit.</summary>
    public int Limit { get; init; }
}
