using System.Runtime.CompilerServices;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>The answer of one block, in label order, a batch of series at a time with the next batch being read meanwhile.</summary>
internal static class BlockStream
{
    /// <summary>
    /// What all blocks of a request read at a time: memory stays bounded however many blocks there are, and one large block still takes
    /// few round trips. Each block holds two batches, one being merged and one being read.
    /// </summary>
    private const long BytesInFlight = 32 * 1024 * 1024;
    private const long LeastBatchBytes = 256 * 1024;
    private const long MostBatchBytes = 4 * 1024 * 1024;
    private const int BatchSeries = 8_192;

    /// <summary>What a chunk is taken to be long when the next one does not tell.</summary>
    private const int UsualChunkBytes = 1024;

    /// <param name="blocks">How many blocks the request reads at the same time.</param>
    public static async IAsyncEnumerable<SeriesFrame> ReadAsync(
        BucketBlock block, ReadContext context, List<BlockSeries> series, int blocks, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (context.SkipChunks)
        {
            yield return SeriesFrame.Of([.. series.Select(s => new ChunkSeries(s.Labels, []))]);
            yield break;
        }

        var reader = new BlockChunkReader(block, context);
        long batchBytes = Math.Clamp(BytesInFlight / 2 / Math.Max(1, blocks), LeastBatchBytes, MostBatchBytes);
        int at = 0;
        long returned = 0;
        Task<ChunkSeries[]>? next = Next();
        while (next is not null)
        {
            ChunkSeries[] batch = await next;
            long held = reader.ChargedBytes;
            next = Next();
            yield return SeriesFrame.Of(batch);
            // Whoever asks on has done with the batch.
            context.Budget?.Release(held - returned);
            returned = held;
        }

        Task<ChunkSeries[]>? Next()
        {
            if (at >= series.Count) return null;
            int end = BatchEnd(series, at, batchBytes);
            List<BlockSeries> batch = series[at..end];
            at = end;
            return reader.ReadAsync(batch, cancellationToken);
        }
    }

    /// <summary>Where the batch that starts at a series ends: at least one series, and not many more bytes than asked.</summary>
    internal static int BatchEnd(List<BlockSeries> series, int start, long bytes)
    {
        int end = start;
        long sum = 0;
        while (end < series.Count && end - start < BatchSeries && sum < bytes)
        {
            BlockSeries one = series[end++];
            for (var c = 0; c < one.Chunks.Count; c++)
            {
                // Chunks of a series lie one behind the other; so do, mostly, those of neighbouring series.
                ulong from = one.Chunks[c].Ref;
                ulong to = c + 1 < one.Chunks.Count ? one.Chunks[c + 1].Ref : end < series.Count && series[end].Chunks.Count > 0 ? series[end].Chunks[0].Ref : from;
                sum += to > from && to - from < 64 * UsualChunkBytes ? (long)(to - from) : UsualChunkBytes;
            }
        }

        return end;
    }
}
