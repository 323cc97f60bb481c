using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>The chunk of downsampled data: five slots in the order count, sum, min, max, counter (format notes F-7).</summary>
public static class AggregateChunkCodec
{
    /// <summary>The chunks inside, slices of the source; a slot without data is an empty chunk.</summary>
    /// <exception cref="TsdbCorruptionException">A slot is cut off.</exception>
    public static AggregateChunks Split(Chunk chunk)
    {
        if (chunk.Encoding != ChunkEncoding.Aggregate)
            throw new ArgumentException($"a {chunk.Encoding} chunk holds no aggregates", nameof(chunk));
        var position = 0;
        Chunk count = ReadSlot(chunk.Data, ref position, "count");
        Chunk sum = ReadSlot(chunk.Data, ref position, "sum");
        Chunk min = ReadSlot(chunk.Data, ref position, "min");
        Chunk max = ReadSlot(chunk.Data, ref position, "max");
        Chunk counter = ReadSlot(chunk.Data, ref position, "counter");
        return new AggregateChunks(count, sum, min, max, counter);
    }

    /// <summary>Packs five chunks, of which any may be empty.</summary>
    public static Chunk Join(AggregateChunks chunks)
    {
        ReadOnlySpan<Chunk> slots = [chunks.Count, chunks.Sum, chunks.Min, chunks.Max, chunks.Counter];
        var size = 0;
        foreach (Chunk slot in slots) size += Varint.MaxBytes + 1 + slot.Data.Length;
        var bytes = new byte[size];
        var position = 0;
        foreach (Chunk slot in slots)
        {
            position += Varint.WriteUVarint(bytes.AsSpan(position), (ulong)slot.Data.Length);
            if (slot.Data.IsEmpty) continue;
            bytes[position++] = (byte)slot.Encoding;
            slot.Data.Span.CopyTo(bytes.AsSpan(position));
            position += slot.Data.Length;
        }

        return new Chunk(ChunkEncoding.Aggregate, bytes.AsMemory(0, position));
    }

    /// <summary>Bytes that a slot takes; one without data is its length alone.</summary>
    public static int SlotSize(int dataLength) => dataLength == 0 ? 1 : Varint.SizeOf((ulong)dataLength) + 1 + dataLength;

    /// <summary>Writes what stands in front of a slot's data and returns the place of the data, empty when there is none.</summary>
    /// <param name="rest">Where the next slot goes.</param>
    public static Span<byte> WriteSlotHead(Span<byte> target, int dataLength, ChunkEncoding encoding, out Span<byte> rest)
    {
        int position = Varint.WriteUVarint(target, (ulong)dataLength);
        if (dataLength > 0) target[position++] = (byte)encoding;
        rest = target[(position + dataLength)..];
        return target.Slice(position, dataLength);
    }

    private static Chunk ReadSlot(ReadOnlyMemory<byte> data, ref int position, string aggregate)
    {
        var cursor = new ByteCursor(data.Span, position);
        ulong length = cursor.ReadUVarint();
        byte encoding = length == 0 ? (byte)0 : cursor.ReadByte();
        if (cursor.Failed || length > (ulong)cursor.Remaining)
            TsdbCorruptionException.Throw(position, $"aggregate chunk: the {aggregate} chunk is cut off");
        position = cursor.Position + (int)length;
        return length == 0 ? default : new Chunk((ChunkEncoding)encoding, data.Slice(cursor.Position, (int)length));
    }
}
