using System.Runtime.CompilerServices;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>The answer of one block, in label order, a batch of series at a time with the next batch being read meanwhile.</summary>
internal static class BlockStream
{
    /// <summary>A batch is cut at so many series or estimated chunk bytes: few round trips, bounded memory.</summary>
    private const int BatchSeries = 4_096;
    private const int BatchChunks = 32_768;

    public static async IAsyncEnumerable<SeriesFrame> ReadAsync(
        BucketBlock block, ReadContext context, List<BlockSeries> series, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
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
            while (end < series.Count && end - at < BatchSeries && chunks < BatchChunks) chunks += series[end++].Chunks.Length;
            List<BlockSeries> batch = series[at..end];
            at = end;
            return reader.ReadAsync(batch, cancellationToken);
        }
    }
}
