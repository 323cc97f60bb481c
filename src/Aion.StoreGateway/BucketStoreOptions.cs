namespace Aion.StoreGateway;

/// <summary>How a bucket is served.</summary>
internal sealed record BucketStoreOptions
{
    /// <summary>What the store is called in warnings.</summary>
    public required string Name { get; init; }

    /// <summary>Earliest time served at a given moment, in milliseconds; a flag may say "two weeks ago", which moves.</summary>
    public Func<DateTimeOffset, long> MinTimeMs { get; init; } = static _ => long.MinValue;

    /// <summary>Latest time served, inclusive.</summary>
    public Func<DateTimeOffset, long> MaxTimeMs { get; init; } = static _ => long.MaxValue;

    public IIndexCache? IndexCache { get; init; }

    /// <summary>Whether filtering series may stand in for reading postings lists; null: never.</summary>
    public LazyPostingsOptions? LazyPostings { get; init; }

    /// <summary>Series entries per coalesced read.</summary>
    public int SeriesBatch { get; init; } = 10_000;

    /// <summary>What all Series calls together may hold of series and chunks; 0 = no limit.</summary>
    public long MaxHeldBytes { get; init; }

    /// <summary>How long a call waits for room among those.</summary>
    public TimeSpan MaxPoolWait { get; init; } = TimeSpan.FromMinutes(1);

    public RequestLimitOptions Limits { get; init; } = new(0, 0, 0);

    /// <summary>Select calls at once; 0 = no limit.</summary>
    public int MaxConcurrency { get; init; } = 20;
}
