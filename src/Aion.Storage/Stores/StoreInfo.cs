using Aion.Model;

namespace Aion.Storage;

/// <summary>What a store says of itself.</summary>
public sealed record StoreInfo
{
    /// <summary>Lower-case component name as in the Info service: <c>store</c>, <c>sidecar</c>, <c>query</c>, <c>receive</c>, <c>rule</c>.</summary>
    public required string Component { get; init; }

    /// <summary>External label sets; empty means that nothing is known and the store may hold anything.</summary>
    public IReadOnlyList<Labels> LabelSets { get; init; } = [];

    /// <summary>Time range held, <c>[MinTimeMs, MaxTimeMs]</c>; an empty store has min above max.</summary>
    public long MinTimeMs { get; init; } = long.MinValue;

    public long MaxTimeMs { get; init; } = long.MaxValue;

    public bool SupportsSharding { get; init; } = true;

    public bool SupportsWithoutReplicaLabels { get; init; } = true;

    /// <summary>Per label set, the time range held.</summary>
    public IReadOnlyList<TsdbInfo> TsdbInfos { get; init; } = [];
}

/// <summary>The time range that one TSDB (one external label set) covers.</summary>
public sealed record TsdbInfo(Labels Labels, long MinTimeMs, long MaxTimeMs);
