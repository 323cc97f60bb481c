using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>
/// How much of its chunks a request holds at a time, settled when its series are known and before the first goes out: bounded however many
/// blocks there are, and never more than there is to read.
/// </summary>
/// <param name="PieceBytes">What one block reads at a time.</param>
/// <param name="NeededBytes">What all of it takes at most, as far as can be foreseen.</param>
internal readonly record struct StreamPlan(int PieceBytes, long NeededBytes)
{
    /// <summary>What a chunk is taken to be long when the next one does not tell.</summary>
    private const int UsualChunkBytes = 1024;

    /// <summary>What all blocks together have under way and hold, where the pool is large enough.</summary>
    private const long MostInFlight = 64 * 1024 * 1024;
    private const long LeastInFlight = 4 * 1024 * 1024;

    /// <summary>Of a pool, one request has so much in flight: several can read at the same time.</summary>
    private const int PoolShare = 8;

    private const int MostWindowBytes = 256 * 1024;
    private const int LeastWindowBytes = 32 * 1024;
    private const int MostBatchBytes = 4 * 1024 * 1024;
    private const int LeastBatchBytes = 64 * 1024;

    /// <summary>For blocks on a disk of this machine: a window a block, and those that the last two frames lie in.</summary>
    public static StreamPlan OfLocal(IReadOnlyList<List<BlockSeries>> blocks, long poolBytes)
    {
        long window = PieceOf(InFlight(poolBytes) / 4, blocks.Count, LeastWindowBytes, MostWindowBytes);
        // The pool of arrays has powers of two.
        window = 1L << (63 - System.Numerics.BitOperations.LeadingZeroCount((ulong)window));
        long needed = 0, chunks = 0, longest = 0;
        foreach (List<BlockSeries> series in blocks)
        {
            Amount all = AmountOf(series);
            needed += Math.Min(3 * window, (2 * all.Bytes) + LeastWindowBytes);
            chunks += all.Chunks;
            longest += all.MostChunks;
        }

        long places = Math.Min(chunks, (2 * LocalMerge.ChunksPerFrame) + longest) * LocalMerge.PlaceBytes;
        return new StreamPlan((int)window, needed + places + Math.Min(needed, 2 * LocalMerge.BytesPerFrame));
    }

    /// <summary>For blocks far away: of each block a batch that is merged, one that is under way, and the one before, which may still be read.</summary>
    public static StreamPlan OfRemote(IReadOnlyList<List<BlockSeries>> blocks, long poolBytes)
    {
        long batch = PieceOf(InFlight(poolBytes) / 2, blocks.Count, LeastBatchBytes, MostBatchBytes);
        long needed = 0;
        foreach (List<BlockSeries> series in blocks)
        {
            Amount all = AmountOf(series);
            needed += Math.Min(3 * (batch + ChunkFetch.BufferBytes), (2 * all.Bytes) + UsualChunkBytes);
        }

        return new StreamPlan((int)batch, needed);
    }

    /// <summary>Where the batch that starts at a series ends: at least one series, and not many more bytes than asked.</summary>
    public static int BatchEnd(List<BlockSeries> series, int start, long bytes, int mostSeries)
    {
        int end = start;
        long sum = 0;
        while (end < series.Count && end - start < mostSeries && sum < bytes)
        {
            sum += BytesOf(series, end);
            end++;
        }

        return end;
    }

    private static long InFlight(long poolBytes) => poolBytes <= 0 ? MostInFlight : Math.Clamp(poolBytes / PoolShare, LeastInFlight, MostInFlight);

    private static long PieceOf(long bytes, int blocks, int least, int most) => Math.Clamp(bytes / Math.Max(1, blocks), least, most);

    private static Amount AmountOf(List<BlockSeries> series)
    {
        long bytes = 0, chunks = 0;
        var most = 0;
        for (var s = 0; s < series.Count; s++)
        {
            bytes += BytesOf(series, s);
            chunks += series[s].Chunks.Count;
            most = Math.Max(most, series[s].Chunks.Count);
        }

        return new Amount(bytes, chunks, most);
    }

    private static long BytesOf(List<BlockSeries> series, int at)
    {
        ReadOnlySpan<ChunkMeta> chunks = series[at].Chunks;
        long sum = 0;
        for (var c = 0; c < chunks.Length; c++)
        {
            // Chunks of a series lie one behind the other; so do, mostly, those of neighbouring series.
            ulong from = chunks[c].Ref;
            ulong to = c + 1 < chunks.Length ? chunks[c + 1].Ref : at + 1 < series.Count && series[at + 1].Chunks.Count > 0 ? series[at + 1].Chunks[0].Ref : from;
            sum += to > from && to - from < 64 * UsualChunkBytes ? (long)(to - from) : UsualChunkBytes;
        }

        return sum;
    }

    private readonly record struct Amount(long Bytes, long Chunks, int MostChunks);
}
