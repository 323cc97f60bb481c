using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>One loaded block: its meta, its index-header, and the bucket that has the rest. Held under leases; the last one closes it.</summary>
internal sealed class BucketBlock
{
    /// <summary>Estimates of upstream's flags, where the meta has none (query notes ).</summary>
    private const int DefaultMaxSeriesBytes = 64 * 1024;
    private const int DefaultMaxChunkBytes = 16_000;

    private int _leases = 1;

    public BucketBlock(IBucket bucket, BlockMeta meta, IndexHeaderReader header)
    {
        Bucket = bucket;
        Meta = meta;
        Header = header;
        IndexKey = BlockLayout.IndexKey(meta.Id);
        IndexStats stats = meta.Thanos.IndexStats;
        MaxSeriesBytes = Estimate(stats.SeriesMaxSizeBytes, DefaultMaxSeriesBytes);
        MaxChunkBytes = Estimate(stats.ChunkMaxSizeBytes, DefaultMaxChunkBytes);
    }

    public IBucket Bucket { get; }

    public BlockMeta Meta { get; }

    public IndexHeaderReader Header { get; }

    public Labels ExternalLabels => Meta.Thanos.Labels;

    public string IndexKey { get; }

    /// <summary>How many bytes to read for a series entry before its length is known.</summary>
    public int MaxSeriesBytes { get; }

    public int MaxChunkBytes { get; }

    public string ChunksKey(int segment) => BlockLayout.ChunksKey(Meta.Id, segment + 1);

    /// <summary>False when the block has been dropped meanwhile.</summary>
    public bool TryLease()
    {
        int leases = Volatile.Read(ref _leases);
        while (leases > 0)
        {
            int seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases) return true;
            leases = seen;
        }

        return false;
    }

    /// <summary>Ends a lease; also how the owner drops the block.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _leases) == 0) Header.Dispose();
    }

    private static int Estimate(long stated, int otherwise) => stated > 0 ? (int)Math.Min(stated, otherwise) : otherwise;
}
