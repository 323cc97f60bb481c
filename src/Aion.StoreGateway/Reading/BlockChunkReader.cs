using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads the chunks of series of one block, with coalesced reads per segment file, and checks every checksum.</summary>
internal sealed class BlockChunkReader(BucketBlock block, ReadContext context)
{
    /// <summary>Bytes of memory that this reader has charged so far, for whoever gives them back.</summary>
    public long ChargedBytes { get; private set; }

    /// <returns>The same series with their chunks, which lie in buffers that go back when they are released.</returns>
    public async Task<ChunkSeries[]> ReadAsync(IReadOnlyList<BlockSeries> series, CancellationToken cancellationToken)
    {
        var total = 0;
        for (var s = 0; s < series.Count; s++) total += series[s].Chunks.Count;
        context.Limits.Chunks(total);
        long started = context.Counters.Start();
        var result = new ChunkSeries[series.Count];
        var slots = new ChunkSlot[total];
        var at = 0;
        for (var s = 0; s < series.Count; s++)
        {
            ArraySegment<ChunkMeta> metas = series[s].Chunks;
            var chunks = new SeriesChunk[metas.Count];
            for (var c = 0; c < metas.Count; c++) slots[at++] = new ChunkSlot(metas[c], chunks, c);
            result[s] = new ChunkSeries(series[s].Labels, chunks);
        }

        // Series come in index order, which is the order of their chunks in the files, unless labels were left out.
        if (!IsSorted(slots)) Array.Sort(slots, static (a, b) => a.Meta.Ref.CompareTo(b.Meta.Ref));
        for (var from = 0; from < total;)
        {
            int to = from;
            while (to < total && slots[to].Meta.Segment == slots[from].Meta.Segment) to++;
            await ReadSegmentAsync(slots[from].Meta.Segment, slots.AsMemory(from, to - from), cancellationToken);
            from = to;
        }

        context.Counters.Waited(ReadData.Chunks, started);
        return result;
    }

    private static bool IsSorted(ChunkSlot[] slots)
    {
        for (var i = 1; i < slots.Length; i++)
            if (slots[i].Meta.Ref < slots[i - 1].Meta.Ref) return false;
        return true;
    }

    private async Task ReadSegmentAsync(int segment, ReadOnlyMemory<ChunkSlot> slots, CancellationToken cancellationToken)
    {
        string key = block.ChunksKey(segment);
        try
        {
            await ReadAsync(block.Bucket, key, slots, cancellationToken);
        }
        catch (TsdbCorruptionException) when (block.Bucket is CachingBucket { Afresh: not null })
        {
            // It may be the cache that is damaged: what others share with us has no checksum there.
            await ReadAsync(((CachingBucket)block.Bucket).Afresh!, key, slots, cancellationToken);
        }
    }

    private async Task ReadAsync(IBucket bucket, string key, ReadOnlyMemory<ChunkSlot> slots, CancellationToken cancellationToken)
    {
        (ByteRange[] ranges, long bytes) = Ranges(slots.Span);
        context.Limits.Bytes(bytes);
        using var fetch = new ChunkFetch(bucket, key, ranges, context);
        try
        {
            await fetch.RunAsync(cancellationToken);
            context.Counters.Fetched(ReadData.Chunks, slots.Length, bytes);
            for (var i = 0; i < slots.Length;)
            {
                i += Place(key, slots.Span[i..], fetch, i);
                if (i == slots.Length) break;
                ChunkMeta cut = slots.Span[i].Meta;
                ChunkFrame frame = ChunkFrame.ReadHead(key, fetch.Frames[i].Span, cut.Offset);
                context.Limits.Bytes(frame.WholeBytes);
                context.Counters.ChunkRefetch();
                if (!await fetch.RefetchAsync(i, frame.WholeBytes, cancellationToken))
                    throw new TsdbCorruptionException(key, cut.Offset, $"a chunk of {frame.DataBytes} bytes is cut off");
            }

            fetch.HandOut();
        }
        finally
        {
            ChargedBytes += fetch.ChargedBytes;
        }
    }

    private (ByteRange[] Ranges, long Bytes) Ranges(ReadOnlySpan<ChunkSlot> slots)
    {
        var ranges = new ByteRange[slots.Length];
        long bytes = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            long start = slots[i].Meta.Offset;
            long most = i + 1 < slots.Length && slots[i + 1].Meta.Offset > start ? slots[i + 1].Meta.Offset - start : long.MaxValue;
            ranges[i] = new ByteRange(start, start + Math.Min(most, block.MaxChunkBytes + ChunkFrame.MostOverhead));
            bytes += ranges[i].Length;
        }

        return (ranges, bytes);
    }

    /// <summary>Checks frames and puts their chunks into place, up to the first that is not there as a whole; returns how many were.</summary>
    private int Place(string key, ReadOnlySpan<ChunkSlot> slots, ChunkFetch fetch, int first)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            ReadOnlyMemory<byte> memory = fetch.Frames[first + i];
            ReadOnlySpan<byte> bytes = memory.Span;
            ChunkMeta meta = slots[i].Meta;
            ChunkFrame frame = ChunkFrame.ReadHead(key, bytes, meta.Offset);
            if (frame.WholeBytes > bytes.Length) return i;
            ReadOnlySpan<byte> body = frame.Body(bytes);
            if (Crc32C.Compute(body) != frame.Checksum(bytes)) throw new TsdbCorruptionException(key, meta.Offset, "checksum of a chunk does not fit");
            SeriesChunk chunk = frame.ToSeriesChunk(meta, memory, body[0], key, context.Aggregates);
            slots[i].Chunks[slots[i].Index] = chunk;
            fetch.Count(first + i, chunk);
        }

        return slots.Length;
    }
}

/// <summary>Where a chunk lies and where it goes.</summary>
internal readonly record struct ChunkSlot(ChunkMeta Meta, SeriesChunk[] Chunks, int Index);
