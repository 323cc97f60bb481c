using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads the chunks of series of one block, with coalesced reads per segment file, and checks every checksum.</summary>
internal sealed class BlockChunkReader(BucketBlock block, ReadContext context)
{
    /// <summary>Bytes of chunks that this reader has charged to the budget so far, for whoever gives them back.</summary>
    public long ChargedBytes { get; private set; }

    /// <returns>The same series with their chunks, which point into buffers of this call.</returns>
    public async Task<ChunkSeries[]> ReadAsync(IReadOnlyList<BlockSeries> series, CancellationToken cancellationToken)
    {
        var total = 0;
        for (var s = 0; s < series.Count; s++) total += series[s].Chunks.Count;
        context.Limits.Chunks(total);
        long started = context.Counters.Start();
        var result = new ChunkSeries[series.Count];
        var slots = new Slot[total];
        var at = 0;
        for (var s = 0; s < series.Count; s++)
        {
            ArraySegment<ChunkMeta> metas = series[s].Chunks;
            var chunks = new SeriesChunk[metas.Count];
            for (var c = 0; c < metas.Count; c++) slots[at++] = new Slot(metas[c], chunks, c);
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

    private static bool IsSorted(Slot[] slots)
    {
        for (var i = 1; i < slots.Length; i++)
            if (slots[i].Meta.Ref < slots[i - 1].Meta.Ref) return false;
        return true;
    }

    private async Task ReadSegmentAsync(int segment, ReadOnlyMemory<Slot> slots, CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(new BlockObject(block, segment), slots, cancellationToken);
        }
        catch (TsdbCorruptionException) when (block.Bucket is CachingBucket { Afresh: not null })
        {
            // It may be the cache that is damaged: what others share with us has no checksum there.
            await ReadAsync(new BlockObject(block, segment, ((CachingBucket)block.Bucket).Afresh), slots, cancellationToken);
        }
    }

    private async Task ReadAsync(BlockObject file, ReadOnlyMemory<Slot> slots, CancellationToken cancellationToken)
    {
        (ByteRange[] ranges, long bytes) = Ranges(slots.Span);
        context.Limits.Bytes(bytes);
        context.Budget?.Charge(bytes, "chunks of a block");
        ChargedBytes += bytes;
        ReadOnlyMemory<byte>[] frames = await RangeFetcher.FetchAsync(file, ranges, cancellationToken);
        context.Counters.Fetched(ReadData.Chunks, slots.Length, bytes);
        for (var i = 0; i < slots.Length;)
        {
            i += Place(file.Key, slots.Span[i..], frames.AsSpan(i));
            if (i == slots.Length) break;
            frames[i] = await WholeFrameAsync(file, frames[i], slots.Span[i].Meta.Offset, cancellationToken);
        }
    }

    private (ByteRange[] Ranges, long Bytes) Ranges(ReadOnlySpan<Slot> slots)
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
    private int Place(string key, ReadOnlySpan<Slot> slots, ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            ReadOnlySpan<byte> bytes = frames[i].Span;
            ChunkMeta meta = slots[i].Meta;
            ChunkFrame frame = ChunkFrame.ReadHead(key, bytes, meta.Offset);
            if (frame.WholeBytes > bytes.Length) return i;
            ReadOnlySpan<byte> body = frame.Body(bytes);
            if (Crc32C.Compute(body) != frame.Checksum(bytes)) throw new TsdbCorruptionException(key, meta.Offset, "checksum of a chunk does not fit");
            slots[i].Chunks[slots[i].Index] = frame.ToSeriesChunk(meta, frames[i], body[0], key, context.Aggregates);
        }

        return slots.Length;
    }

    /// <summary>Fetches again a chunk that is longer than was thought.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> WholeFrameAsync(
        BlockObject file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken)
    {
        ChunkFrame frame = ChunkFrame.ReadHead(file.Key, bytes.Span, offset);
        context.Limits.Bytes(frame.WholeBytes);
        context.Counters.ChunkRefetch();
        bytes = (await RangeFetcher.FetchAsync(file, [new ByteRange(offset, offset + frame.WholeBytes)], cancellationToken))[0];
        return bytes.Length < frame.WholeBytes
            ? throw new TsdbCorruptionException(file.Key, offset, $"a chunk of {frame.DataBytes} bytes is cut off")
            : bytes;
    }

    /// <summary>Where a chunk lies and where it goes.</summary>
    private readonly record struct Slot(ChunkMeta Meta, SeriesChunk[] Chunks, int Index);
}
