using Aion.Model;

namespace Aion.Storage;

/// <summary>Which aggregates of downsampled data are wanted; raw data is always returned as it is.</summary>
[Flags]
public enum Aggregates
{
    None = 0,
    Raw = 1 << 0,
    Count = 1 << 1,
    Sum = 1 << 2,
    Min = 1 << 3,
    Max = 1 << 4,
    Counter = 1 << 5,
}

/// <summary>What to do when a part of the answer can't be had.</summary>
public enum PartialResponse
{
    /// <summary>Answer with the rest, and a warning.</summary>
    Warn = 0,

    /// <summary>Fail the call.</summary>
    Abort = 1,
}

/// <summary>One shard of a vertically sharded query; see the Store API's ShardInfo.</summary>
/// <param name="By">True: hash only <paramref name="Labels"/>; false: hash all others.</param>
public sealed record ShardInfo(long ShardIndex, long TotalShards, bool By, IReadOnlyList<string> Labels);

/// <summary>What surrounds the selector in the query; hints never change the meaning of the answer.</summary>
public sealed record QueryHints
{
    public long StepMs { get; init; }

    public string Function { get; init; } = "";

    public bool By { get; init; }

    public IReadOnlyList<string> Grouping { get; init; } = [];

    public long RangeMs { get; init; }

    /// <summary>Labels the query needs (<see cref="ProjectionInclude"/>) or does not need; a store may ignore them.</summary>
    public IReadOnlyList<string> ProjectionLabels { get; init; } = [];

    public bool ProjectionInclude { get; init; }

    /// <summary>The label that a projecting store puts the hash of the full label set into.</summary>
    public string SeriesHashLabel { get; init; } = "";
}

/// <summary>Asks a store for series. Times are a closed range in milliseconds.</summary>
public sealed record SelectRequest
{
    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>The coarsest resolution allowed, in milliseconds; 0 = raw only.</summary>
    public long MaxResolutionMs { get; init; }

    public Aggregates Aggregates { get; init; }

    public PartialResponse PartialResponse { get; init; }

    /// <summary>Labels only.</summary>
    public bool SkipChunks { get; init; }

    /// <summary>Labels to drop from the answer, which is then sorted as if they had never been.</summary>
    public IReadOnlyList<string> WithoutReplicaLabels { get; init; } = [];

    /// <summary>At most this many series; 0 = no limit.</summary>
    public long Limit { get; init; }

    /// <summary>How many series the asker likes in one frame; 0 or 1 = one by one.</summary>
    public int BatchSize { get; init; }

    public ShardInfo? Shard { get; init; }

    public QueryHints? Hints { get; init; }

    /// <summary>Matchers on the pseudo label <c>__block_id</c>, for stores made of blocks.</summary>
    public IReadOnlyList<LabelMatcher> BlockMatchers { get; init; } = [];

    public string Tenant { get; init; } = "";

    /// <summary>What this query may hold in memory; null = unlimited. Charged before allocating.</summary>
    public MemoryBudget? Budget { get; init; }

    /// <summary>Takes what each endpoint gave; null when nobody wants to know. Stays in this process.</summary>
    public FanOutReport? FanOut { get; init; }
}

public sealed record LabelNamesRequest
{
    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public IReadOnlyList<LabelMatcher> Matchers { get; init; } = [];

    public PartialResponse PartialResponse { get; init; }

    public IReadOnlyList<string> WithoutReplicaLabels { get; init; } = [];

    public long Limit { get; init; }

    public IReadOnlyList<LabelMatcher> BlockMatchers { get; init; } = [];

    public string Tenant { get; init; } = "";
}

public sealed record LabelValuesRequest
{
    public required string Label { get; init; }

    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public IReadOnlyList<LabelMatcher> Matchers { get; init; } = [];

    public PartialResponse PartialResponse { get; init; }

    public IReadOnlyList<string> WithoutReplicaLabels { get; init; } = [];

    public long Limit { get; init; }

    public IReadOnlyList<LabelMatcher> BlockMatchers { get; init; } = [];

    public string Tenant { get; init; } = "";
}
