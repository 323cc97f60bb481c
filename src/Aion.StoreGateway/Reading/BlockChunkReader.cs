using System.Buffers.Binary;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads the chunks of series of one block, with coalesced reads per segment file, and checks every checksum.</summary>
internal sealed class BlockChunkReader(BucketBlock block, ReadContext context)
{
    /// <summary>Length prefix (5), encoding (1) and checksum (4) around a chunk's data.</summary>
    private const int FrameBytes = 10;

    private const int CrcBytes = sizeof(uint);

    /// <summary>Bytes of chunks that this reader has charged to the budget so far, for whoever gives them back.</summary>
    public long ChargedBytes { get; private set; }

    /// <returns>The same series with their chunks, which point into buffers of this call.</returns>
    public async Task<ChunkSeries[]> ReadAsync(IReadOnlyList<BlockSeries> series, CancellationToken cancellationToken)
    {
        var total = 0;
        for (var s = 0; s < series.Count; s++) total += series[s].Chunks.Length;
        context.Limits.Chunks(total);
        long started = context.Counters.Start();
        var result = new ChunkSeries[series.Count];
        var slots = new Slot[total];
        var at = 0;
        for (var s = 0; s < series.Count; s++)
        {
            ChunkMeta[] metas = series[s].Chunks;
            var chunks = new SeriesChunk[metas.Length];
            for (var c = 0; c < metas.Length; c++) slots[at++] = new Slot(metas[c], chunks, c);
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
        string key = block.ChunksKey(segment);
        (ByteRange[] ranges, long bytes) = Ranges(slots.Span);
        context.Limits.Bytes(bytes);
        context.Budget?.Charge(bytes, "chunks of a block");
        ChargedBytes += bytes;
        ReadOnlyMemory<byte>[] frames = await RangeFetcher.FetchAsync(block.Bucket, key, ranges, cancellationToken);
        context.Counters.Fetched(ReadData.Chunks, slots.Length, bytes);
        for (var i = 0; i < slots.Length;)
        {
            i += Place(key, slots.Span[i..], frames.AsSpan(i));
            if (i == slots.Length) break;
            frames[i] = await WholeFrameAsync(key, frames[i], slots.Span[i].Meta.Offset, cancellationToken);
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
            ranges[i] = new ByteRange(start, start + Math.Min(most, block.MaxChunkBytes + FrameBytes));
            bytes += ranges[i].Length;
        }

        return (ranges, bytes);
    }

    /// <summary>Checks frames and puts their chunks into place, up to the first that is not there as a whole; returns how many were.</summary>
    private int Place(string key, ReadOnlySpan<Slot> slots, ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            ReadOnlySpan<byte> frame = frames[i].Span;
            ChunkMeta meta = slots[i].Meta;
            (int head, long length) = ReadHead(key, frame, meta.Offset);
            if (head + 1 + length + CrcBytes > frame.Length) return i;
            ReadOnlySpan<byte> body = frame.Slice(head, 1 + (int)length);
            uint checksum = BinaryPrimitives.ReadUInt32BigEndian(frame[(head + body.Length)..]);
            if (Crc32C.Compute(body) != checksum) throw new TsdbCorruptionException(key, meta.Offset, "checksum of a chunk does not fit");
            slots[i].Chunks[slots[i].Index] =
                ToSeriesChunk(meta, new Chunk((ChunkEncoding)body[0], frames[i].Slice(head + 1, (int)length)), key);
        }

        return slots.Length;
    }

    /// <summary>Fetches again a chunk that is longer than was thought.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> WholeFrameAsync(
        string key, ReadOnlyMemory<byte> frame, long offset, CancellationToken cancellationToken)
    {
        (int head, long length) = ReadHead(key, frame.Span, offset);
        long whole = head + 1 + length + CrcBytes;
        context.Limits.Bytes(whole);
        context.Counters.ChunkRefetch();
        frame = (await RangeFetcher.FetchAsync(block.Bucket, key, [new ByteRange(offset, offset + whole)], cancellationToken))[0];
        return frame.Length < whole ? throw new TsdbCorruptionException(key, offset, $"a chunk of {length} bytes is cut off") : frame;
    }

    private static (int Head, long Length) ReadHead(string key, ReadOnlySpan<byte> frame, long offset)
    {
        ulong length = 0;
        for (var i = 0; i < Math.Min(frame.Length, 5); i++)
        {
            length |= (ulong)(frame[i] & 0x7F) << (7 * i);
            if (frame[i] >= 0x80) continue;
            if (length > int.MaxValue / 2) break;
            return (i + 1, (long)length);
        }

        throw new TsdbCorruptionException(key, offset, "the length of a chunk is no number");
    }

    private SeriesChunk ToSeriesChunk(ChunkMeta meta, Chunk chunk, string key)
    {
        if (chunk.Encoding != ChunkEncoding.Aggregate)
            return new SeriesChunk(meta.MinTimeMs, meta.MaxTimeMs, chunk);
        AggregateChunks all = AggregateChunkCodec.Split(chunk);
        var wanted = new AggregateChunks(
            Wanted(Aggregates.Count, all.Count), Wanted(Aggregates.Sum, all.Sum), Wanted(Aggregates.Min, all.Min),
            Wanted(Aggregates.Max, all.Max), Wanted(Aggregates.Counter, all.Counter));
        return new SeriesChunk(meta.MinTimeMs, meta.MaxTimeMs, default, wanted);

        Chunk Wanted(Aggregates aggregate, Chunk slot)
        {
            if (!context.Aggregates.HasFlag(aggregate)) return default;
            if (!slot.IsEmpty) return slot;
            throw new StoreException(
                StoreErrorKind.Aborted, $"aggregate {aggregate} does not exist in the chunk at offset {meta.Offset} of {key}");
        }
    }

    /// <summary>Where a chunk lies and where it goes.</summary>
    private readonly record struct Slot(ChunkMeta Meta, SeriesChunk[] Chunks, int Index);
}
