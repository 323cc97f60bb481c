using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>What to read at first of things whose length is not known before they are read.</summary>
/// <param name="SeriesBytes">A series entry; a block's own statistics win where they are smaller.</param>
/// <param name="ChunkBytes">A chunk; the same.</param>
internal readonly record struct ReadEstimates(int SeriesBytes, int ChunkBytes)
{
    /// <summary>Those of upstream's flags (query notes ).</summary>
    public static ReadEstimates Default { get; } = new(64 * 1024, 16_000);
}

/// <summary>One loaded block: its meta, its index-header, and the bucket that has the rest. Held under leases; the last one closes it.</summary>
internal sealed class BucketBlock
{
    private int _leases = 1;

    public BucketBlock(IBucket bucket, BlockMeta meta, BlockHeader header, ReadEstimates estimates)
    {
        Bucket = bucket;
        Meta = meta;
        Header = header;
        IndexStats stats = meta.Thanos.IndexStats;
        MaxSeriesBytes = Estimate(stats.SeriesMaxSizeBytes, estimates.SeriesBytes);
        MaxChunkBytes = Estimate(stats.ChunkMaxSizeBytes, estimates.ChunkBytes);
    }

    public IBucket Bucket { get; }

    public BlockMeta Meta { get; }

    public BlockHeader Header { get; }

    public Labels ExternalLabels => Meta.Thanos.Labels;

    public string IndexKey => BlockLayout.IndexKey(Meta.Id);

    /// <summary>How many bytes to read for a series entry before its length is known.</summary>
    public int MaxSeriesBytes { get; }

    public int MaxChunkBytes { get; }

    public string ChunksKey(int segment) => BlockLayout.ChunksKey(Meta.Id, segment + 1);

    /// <summary>Whether its files are read from a disk of this machine.</summary>
    public bool IsLocal => Bucket.IsLocal;

    /// <summary>
    /// Whether a series entry's body that comes from outside the block, without its checksum, can be one of this block's: it decodes, its
    /// symbols exist and are in order, and its chunks lie in the block's time, one after the other.
    /// </summary>
    /// <param name="scratch">Overwritten.</param>
    public bool CanHold(ReadOnlySpan<byte> body, SymbolTable symbols, SeriesEntry scratch)
    {
        try
        {
            scratch.Decode(body, long.MinValue, long.MaxValue);
            if (scratch.Labels.Count == 0) return false;
            uint name = 0;
            foreach (LabelRef label in scratch.Labels)
            {
                // Symbols are sorted, and so are the names of a series.
                if (label.Name <= name && name > 0) return false;
                if (symbols.Lookup(label.Name).IsEmpty || symbols.Lookup(label.Value).IsEmpty) return false;
                name = label.Name;
            }

            long last = Meta.MinTimeMs - 1;
            foreach (ChunkMeta chunk in scratch.Chunks)
            {
                if (chunk.MinTimeMs <= last || chunk.MaxTimeMs < chunk.MinTimeMs || chunk.MaxTimeMs > Meta.MaxTimeMs) return false;
                last = chunk.MaxTimeMs;
            }

            return true;
        }
        catch (TsdbCorruptionException)
        {
            return false;
        }
    }

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
        if (Interlocked.Decrement(ref _leases) == 0) Header.Close();
    }

    private static int Estimate(long stated, int otherwise) => stated > 0 ? (int)Math.Min(stated, otherwise) : otherwise;
}
