using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Aion.Storage;
using Google.Protobuf;

namespace Aion.Protocol;

/// <summary>
/// <see cref="SeriesMessage"/> to bytes, without an intermediate object: sizes first, then chunk bytes straight from where they lie
/// into the transport's buffer. A chunk without a hash gets one, as peers deduplicate by it, unless the message says that this one does not.
/// </summary>
internal static class SeriesMessageEncoder
{
    private const byte SeriesTag = 0x0A, WarningTag = 0x12, HintsTag = 0x1A, BatchTag = 0x22;
    private const byte ChunksTag = 0x12;

    /// <param name="message">What to write.</param>
    /// <param name="begin">Gets the length of the whole message and returns the writer to use.</param>
    public static void Encode(SeriesMessage message, Func<int, IBufferWriter<byte>> begin)
    {
        if (message.Warning is { } warning)
        {
            byte[] text = Encoding.UTF8.GetBytes(warning);
            var writer = new ProtoWriter(begin(checked((int)ProtoWriter.SizeOfField(text.Length))));
            writer.WriteBytes(WarningTag, text);
            writer.Flush();
        }
        else if (message.Hints is { } hints)
        {
            byte[] any = hints.ToByteArray();
            var writer = new ProtoWriter(begin(checked((int)ProtoWriter.SizeOfField(any.Length))));
            writer.WriteBytes(HintsTag, any);
            writer.Flush();
        }
        else
        {
            EncodeSeries(message, begin);
        }
    }

    private static void EncodeSeries(SeriesMessage message, Func<int, IBufferWriter<byte>> begin)
    {
        ulong[] hashes = ArrayPool<ulong>.Shared.Rent(CountParts(message.Series));
        long[] sizes = ArrayPool<long>.Shared.Rent(Math.Max(1, message.Series.Count));
        try
        {
            long inner = Measure(message.Series, message.LeavesHashesOut, hashes, sizes);
            long total = message.IsBatch ? ProtoWriter.SizeOfField(inner) : inner;
            if (total > int.MaxValue) throw new StoreException(StoreErrorKind.ResourceExhausted, $"a message of {total} bytes is too large");
            var writer = new ProtoWriter(begin((int)total));
            if (message.IsBatch) writer.WriteLength(BatchTag, inner);
            var part = 0;
            for (var i = 0; i < message.Series.Count; i++)
            {
                writer.WriteLength(SeriesTag, sizes[i]);
                Write(ref writer, message.Series[i], hashes, ref part);
            }

            writer.Flush();
        }
        finally
        {
            ArrayPool<long>.Shared.Return(sizes);
            ArrayPool<ulong>.Shared.Return(hashes);
        }
    }

    /// <summary>The bytes that <see cref="Encode"/> would write.</summary>
    public static long SizeOf(IReadOnlyList<ChunkSeries> series, bool isBatch)
    {
        ulong[] hashes = ArrayPool<ulong>.Shared.Rent(CountParts(series));
        long[] sizes = ArrayPool<long>.Shared.Rent(Math.Max(1, series.Count));
        try
        {
            long inner = Measure(series, leaveHashesOut: false, hashes, sizes);
            return isBatch ? ProtoWriter.SizeOfField(inner) : inner;
        }
        finally
        {
            ArrayPool<long>.Shared.Return(sizes);
            ArrayPool<ulong>.Shared.Return(hashes);
        }
    }

    private static int CountParts(IReadOnlyList<ChunkSeries> series)
    {
        var count = 1;
        for (var i = 0; i < series.Count; i++) count += series[i].Chunks.Count * 6;
        return count;
    }

    private static long Measure(IReadOnlyList<ChunkSeries> series, bool leaveHashesOut, ulong[] hashes, long[] sizes)
    {
        long total = 0;
        var part = 0;
        for (var i = 0; i < series.Count; i++)
        {
            long size = LabelsEncoder.SizeOf(series[i].Labels);
            IReadOnlyList<SeriesChunk> chunks = series[i].Chunks;
            for (var c = 0; c < chunks.Count; c++)
            {
                int first = part;
                Hash(chunks[c], leaveHashesOut, hashes, ref part);
                size += ProtoWriter.SizeOfField(SizeOf(chunks[c], hashes, first));
            }

            sizes[i] = size;
            total += ProtoWriter.SizeOfField(size);
        }

        return total;
    }

    private static void Write(ref ProtoWriter writer, ChunkSeries series, ulong[] hashes, ref int part)
    {
        LabelsEncoder.Write(ref writer, series.Labels);
        IReadOnlyList<SeriesChunk> chunks = series.Chunks;
        for (var c = 0; c < chunks.Count; c++)
        {
            SeriesChunk chunk = chunks[c];
            writer.WriteLength(ChunksTag, SizeOf(chunk, hashes, part));
            writer.WriteInteger(0x08, (ulong)chunk.MinTimeMs);
            writer.WriteInteger(0x10, (ulong)chunk.MaxTimeMs);
            Write(ref writer, 0x1A, chunk.Raw, hashes, ref part);
            if (chunk.Downsampled is not { } aggregates) continue;
            Write(ref writer, 0x22, aggregates.Count, hashes, ref part);
            Write(ref writer, 0x2A, aggregates.Sum, hashes, ref part);
            Write(ref writer, 0x32, aggregates.Min, hashes, ref part);
            Write(ref writer, 0x3A, aggregates.Max, hashes, ref part);
            Write(ref writer, 0x42, aggregates.Counter, hashes, ref part);
        }
    }

    private static void Write(ref ProtoWriter writer, byte tag, in Chunk chunk, ulong[] hashes, ref int part)
    {
        if (chunk.IsEmpty) return;
        ulong hash = hashes[part++];
        writer.WriteLength(tag, SizeOf(chunk, hash));
        writer.WriteInteger(0x08, TypeOf(chunk));
        if (!chunk.Data.IsEmpty) writer.WriteBytes(0x12, chunk.Data.Span);
        writer.WriteInteger(0x18, hash);
    }

    private static long SizeOf(in SeriesChunk chunk, ulong[] hashes, int part)
    {
        long size = ProtoWriter.SizeOfInteger((ulong)chunk.MinTimeMs) + ProtoWriter.SizeOfInteger((ulong)chunk.MaxTimeMs)
            + FieldSize(chunk.Raw, hashes, ref part);
        if (chunk.Downsampled is not { } aggregates) return size;
        size += FieldSize(aggregates.Count, hashes, ref part);
        size += FieldSize(aggregates.Sum, hashes, ref part);
        size += FieldSize(aggregates.Min, hashes, ref part);
        size += FieldSize(aggregates.Max, hashes, ref part);
        return size + FieldSize(aggregates.Counter, hashes, ref part);
    }

    private static long FieldSize(in Chunk chunk, ulong[] hashes, ref int part) =>
        chunk.IsEmpty ? 0 : ProtoWriter.SizeOfField(SizeOf(chunk, hashes[part++]));

    private static long SizeOf(in Chunk chunk, ulong hash) =>
        ProtoWriter.SizeOfInteger(TypeOf(chunk)) + (chunk.Data.IsEmpty ? 0 : ProtoWriter.SizeOfField(chunk.Data.Length))
        + ProtoWriter.SizeOfInteger(hash);

    private static ulong TypeOf(in Chunk chunk) => (ulong)chunk.Encoding - 1;

    private static void Hash(in SeriesChunk chunk, bool leaveOut, ulong[] hashes, ref int part)
    {
        Hash(chunk.Raw, leaveOut, hashes, ref part);
        if (chunk.Downsampled is not { } aggregates) return;
        Hash(aggregates.Count, leaveOut, hashes, ref part);
        Hash(aggregates.Sum, leaveOut, hashes, ref part);
        Hash(aggregates.Min, leaveOut, hashes, ref part);
        Hash(aggregates.Max, leaveOut, hashes, ref part);
        Hash(aggregates.Counter, leaveOut, hashes, ref part);
    }

    private static void Hash(in Chunk chunk, bool leaveOut, ulong[] hashes, ref int part)
    {
        if (chunk.IsEmpty) return;
        hashes[part++] = chunk.Hash != 0 || leaveOut ? chunk.Hash : XxHash64.HashToUInt64(chunk.Data.Span);
    }
}
