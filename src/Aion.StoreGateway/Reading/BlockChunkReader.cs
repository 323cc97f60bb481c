using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>Reads the chunks of series of one block, with coalesced reads per segment file, and checks every checksum.</summary>
internal sealed class BlockChunkReader(BucketBlock block, ReadContext context)
{
    /// <summary>Length prefix (5), encoding (1) and checksum (4) around a chunk's data.</summary>
    private const int FrameBytes = 10;

    private const int CrcBytes = sizeof(uint);

    /// <returns>The same series with their chunks, which point into buffers of this call.</returns>
    public async Task<ChunkSeries[]> ReadAsync(IReadOnlyList<BlockSeries> series, CancellationToken cancellationToken)
    {
        var slots = new List<(ChunkMeta Meta, int Series, int Chunk)>();
        var chunks = new SeriesChunk[series.Count][];
        for (var s = 0; s < series.Count; s++)
        {
            chunks[s] = new SeriesChunk[series[s].Chunks.Length];
            for (var c = 0; c < chunks[s].Length; c++) slots.Add((series[s].Chunks[c], s, c));
        }

        context.Limits.Chunks(slots.Count);
        // Series come in index order, which is the order of their chunks in the files, unless labels were left out.
        slots.Sort(static (a, b) => a.Meta.Ref.CompareTo(b.Meta.Ref));
        for (var from = 0; from < slots.Count;)
        {
            int to = from;
            while (to < slots.Count && slots[to].Meta.Segment == slots[from].Meta.Segment) to++;
            await ReadSegmentAsync(slots[from].Meta.Segment, slots[from..to], chunks, cancellationToken);
            from = to;
        }

        var result = new ChunkSeries[series.Count];
        for (var s = 0; s < series.Count; s++) result[s] = new ChunkSeries(series[s].Labels, chunks[s]);
        return result;
    }

    private async Task ReadSegmentAsync(
        int segment, List<(ChunkMeta Meta, int Series, int Chunk)> slots, SeriesChunk[][] chunks, CancellationToken cancellationToken)
    {
        string key = block.ChunksKey(segment);
        var ranges = new ByteRange[slots.Count];
        long bytes = 0;
        for (var i = 0; i < slots.Count; i++)
        {
            long start = slots[i].Meta.Offset;
            long most = i + 1 < slots.Count && slots[i + 1].Meta.Offset > start ? slots[i + 1].Meta.Offset - start : long.MaxValue;
            ranges[i] = new ByteRange(start, start + Math.Min(most, block.MaxChunkBytes + FrameBytes));
            bytes += ranges[i].Length;
        }

        context.Limits.Bytes(bytes);
        ReadOnlyMemory<byte>[] frames = await RangeFetcher.FetchAsync(block.Bucket, key, ranges, cancellationToken);
        context.Counters.Chunks(slots.Count, bytes);
        for (var i = 0; i < slots.Count; i++)
        {
            (ChunkMeta meta, int s, int c) = slots[i];
            chunks[s][c] = ToSeriesChunk(meta, await WholeChunkAsync(key, frames[i], meta.Offset, cancellationToken), key);
        }
    }

    private async ValueTask<Chunk> WholeChunkAsync(string key, ReadOnlyMemory<byte> frame, long offset, CancellationToken cancellationToken)
    {
        (int head, long length) = ReadHead(key, frame.Span, offset);
        long whole = head + 1 + length + CrcBytes;
        if (whole > frame.Length)
        {
            context.Limits.Bytes(whole);
            context.Counters.ChunkRefetch();
            frame = (await RangeFetcher.FetchAsync(block.Bucket, key, [new ByteRange(offset, offset + whole)], cancellationToken))[0];
            if (frame.Length < whole) throw new TsdbCorruptionException(key, offset, $"a chunk of {length} bytes is cut off");
        }

        ReadOnlySpan<byte> body = frame.Span.Slice(head, 1 + (int)length);
        uint checksum = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame.Span[(head + body.Length)..]);
        if (Crc32C.Compute(body) != checksum) throw new TsdbCorruptionException(key, offset, "checksum of a chunk does not fit");
        return new Chunk((ChunkEncoding)body[0], frame.Slice(head + 1, (int)length));
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
}
