using System.Runtime.CompilerServices;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>The answer of one block, in label order, a batch of series at a time with the next batch being read meanwhile.</summary>
internal static class BlockStream
{
    private const int BatchSeries = 8_192;

    /// <param name="batchBytes">See <see cref="StreamPlan"/>.</param>
    public static async IAsyncEnumerable<SeriesFrame> ReadAsync(
        BucketBlock block, ReadContext context, List<BlockSeries> series, int batchBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (context.SkipChunks)
        {
            yield return SeriesFrame.Of([.. series.Select(s => new ChunkSeries(s.Labels, []))]);
            yield break;
        }

        var reader = new BlockChunkReader(block, context);
        int at = 0;
        long returned = 0, before = 0;
        Task<ChunkSeries[]>? next = Next();
        try
        {
            while (next is not null)
            {
                ChunkSeries[] batch = await next;
                long held = reader.ChargedBytes;
                next = Next();
                yield return SeriesFrame.Of(batch);
                // Whoever asks on has done with the batch before this one; this one may still lie in a frame of the merge.
                context.Memory?.Release(before - returned);
                (returned, before) = (before, held);
            }
        }
        finally
        {
            // What is under way must not charge a request that is over.
            if (next is not null) await Task.WhenAny(next);
            context.Memory?.Release(reader.ChargedBytes - returned);
        }

        Task<ChunkSeries[]>? Next()
        {
            if (at >= series.Count) return null;
            int end = StreamPlan.BatchEnd(series, at, batchBytes, BatchSeries);
            List<BlockSeries> batch = series[at..end];
            at = end;
            return reader.ReadAsync(batch, cancellationToken);
        }
    }
}
