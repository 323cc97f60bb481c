using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>What one request has in common over all of its blocks.</summary>
internal sealed record ReadContext
{
    public required long MinTimeMs { get; init; }

    public required long MaxTimeMs { get; init; }

    public required RequestLimits Limits { get; init; }

    public required ReadCounters Counters { get; init; }

    public MemoryBudget? Budget { get; init; }

    /// <summary>Where parts of indexes are kept between requests; null when nowhere.</summary>
    public IIndexCache? Cache { get; init; }

    public string Tenant { get; init; } = "";

    public bool SkipChunks { get; init; }

    public Aggregates Aggregates { get; init; }

    public ShardMatcher? Shard { get; init; }

    /// <summary>Names to leave out of every label set, as UTF-8.</summary>
    public IReadOnlyList<byte[]> WithoutLabels { get; init; } = [];
}

/// <summary>Items and bytes read for one request. Thread-safe.</summary>
internal sealed class ReadCounters
{
    private long _postings, _postingsBytes, _series, _seriesBytes, _chunks, _chunkBytes, _seriesRefetches, _chunkRefetches;

    public void Postings(long items, long bytes) => Add(ref _postings, items, ref _postingsBytes, bytes);

    public void Series(long items, long bytes) => Add(ref _series, items, ref _seriesBytes, bytes);

    public void Chunks(long items, long bytes) => Add(ref _chunks, items, ref _chunkBytes, bytes);

    public void SeriesRefetch() => Interlocked.Increment(ref _seriesRefetches);

    public void ChunkRefetch() => Interlocked.Increment(ref _chunkRefetches);

    /// <summary>Hands the totals to the instruments, once, at the end of the request.</summary>
    public void Report(StoreGatewayMetrics metrics, string tenant)
    {
        Observe("postings", _postings, _postingsBytes);
        Observe("series", _series, _seriesBytes);
        Observe("chunks", _chunks, _chunkBytes);
        metrics.SeriesRefetches.WithLabels(tenant).Inc(_seriesRefetches);
        metrics.ChunkRefetches.WithLabels(tenant).Inc(_chunkRefetches);

        void Observe(string type, long items, long bytes)
        {
            metrics.DataFetched.WithLabels(type, tenant).Observe(items);
            metrics.DataSizeFetched.WithLabels(type, tenant).Observe(bytes);
        }
    }

    private static void Add(ref long items, long moreItems, ref long bytes, long moreBytes)
    {
        Interlocked.Add(ref items, moreItems);
        Interlocked.Add(ref bytes, moreBytes);
    }
}
