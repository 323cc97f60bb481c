using System.Runtime.CompilerServices;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>The answer of one block, in label order, a batch of series at a time with the next batch being read meanwhile.</summary>
internal static class BlockStream
{
    /// <summary>
    /// What all blocks of a request read at a time, in chunks (some hundred bytes each): memory stays bounded however many blocks there
    /// are, and one large block still takes few round trips.
    /// </summary>
    private const int ChunksInFlight = 12_288;
    private const int LeastBatchChunks = 512;
    private const int BatchSeries = 4_096;

    /// <param name="blocks">How many blocks the request reads at the same time.</param>
    public static async IAsyncEnumerable<SeriesFrame> ReadAsync(
        BucketBlock block, ReadContext context, List<BlockSeries> series, int blocks, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int batchChunks = Math.Max(LeastBatchChunks, ChunksInFlight / blocks);
        if (context.SkipChunks)
        {
            yield return SeriesFrame.Of([.. series.Select(s => new ChunkSeries(s.Labels, []))]);
            yield break;
        }

        var reader = new BlockChunkReader(block, context);
        int at = 0;
        Task<ChunkSeries[]>? next = Next();
        while (next is not null)
        {
            ChunkSeries[] batch = await next;
            next = Next();
            yield return SeriesFrame.Of(batch);
        }

        Task<ChunkSeries[]>? Next()
        {
            if (at >= series.Count) return null;
            int end = at, chunks = 0;
            while (end < series.Count && end - at < BatchSeries && chunks < batchChunks) chunks += series[end++].Chunks.Length;
            List<BlockSeries> batch = series[at..end];
            at = end;
            return reader.ReadAsync(batch, cancellationToken);
        }
    }
}
