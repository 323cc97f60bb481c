using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>What one request has in common over all of its blocks.</summary>
internal sealed record ReadContext
{
    private IReadOnlyList<BlockSeries>? _seriesHint;

    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public required RequestLimits Limits { get; init; }

    public required ReadCounters Counters { get; init; }

    /// <summary>What the request holds draws from it; null where nobody counts.</summary>
    public IRequestMemory? Memory { get; init; }

    /// <summary>Where parts of indexes are kept between requests; null when nowhere.</summary>
    public IIndexCache? Cache { get; init; }

    /// <summary>Whether and how filtering series may stand in for reading postings lists; null: never.</summary>
    public LazyPostingsOptions? LazyPostings { get; init; }

    /// <summary>Series entries decoded between two looks at the cancellation token, and per coalesced read.</summary>
    public int SeriesBatch { get; init; } = 10_000;

    public string Tenant { get; init; } = "";

    public bool SkipChunks { get; init; }

    public Aggregates Aggregates { get; init; }

    public ShardMatcher? Shard { get; init; }

    /// <summary>
    /// The series of the block that was read first. Others compare their own with it before they build label sets; see
    /// <see cref="SeriesLabels.Of"/>. A hint only: nobody waits for it.
    /// </summary>
    public IReadOnlyList<BlockSeries>? SeriesHint
    {
        get => Volatile.Read(ref _seriesHint);
        set => Volatile.Write(ref _seriesHint, value);
    }

    /// <summary>Names to leave out of every label set, as UTF-8.</summary>
    public IReadOnlyList<byte[]> WithoutLabels { get; init; } = [];
}
