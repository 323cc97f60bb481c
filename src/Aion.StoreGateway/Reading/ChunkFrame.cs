using System.Buffers.Binary;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>A chunk as a segment file holds it: length, encoding, data, checksum over encoding and data.</summary>
/// <param name="Head">Bytes of the length.</param>
/// <param name="DataBytes">Bytes of the data, without the encoding.</param>
internal readonly record struct ChunkFrame(int Head, int DataBytes)
{
    /// <summary>Length prefix (5), encoding (1) and checksum (4) around a chunk's data.</summary>
    public const int MostOverhead = 10;

    private const int CrcBytes = sizeof(uint);

    public int WholeBytes => Head + 1 + DataBytes + CrcBytes;

    /// <summary>Reads the length at the start of the bytes.</summary>
    /// <exception cref="TsdbCorruptionException">It is no length.</exception>
    public static ChunkFrame ReadHead(string key, ReadOnlySpan<byte> bytes, long offset)
    {
        ulong length = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 5); i++)
        {
            length |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            if (length > int.MaxValue / 2) break;
            return new ChunkFrame(i + 1, (int)length);
        }

        throw new TsdbCorruptionException(key, offset, "the length of a chunk is no number");
    }

    /// <summary>What the checksum covers.</summary>
    public ReadOnlySpan<byte> Body(ReadOnlySpan<byte> frame) => frame.Slice(Head, 1 + DataBytes);

    public uint Checksum(ReadOnlySpan<byte> frame) => BinaryPrimitives.ReadUInt32BigEndian(frame[(Head + 1 + DataBytes)..]);

    /// <summary>The chunk as stores hand it out, with those aggregates that were asked for.</summary>
    /// <exception cref="StoreException">An aggregate was asked for that the chunk lacks.</exception>
    public SeriesChunk ToSeriesChunk(ChunkMeta meta, ReadOnlyMemory<byte> frame, byte encoding, string key, Aggregates wanted)
    {
        var chunk = new Chunk((ChunkEncoding)encoding, frame.Slice(Head + 1, DataBytes));
        if (chunk.Encoding != ChunkEncoding.Aggregate) return new SeriesChunk(meta.MinTimeMs, meta.MaxTimeMs, chunk);
        AggregateChunks all = AggregateChunkCodec.Split(chunk);
        return new SeriesChunk(meta.MinTimeMs, meta.MaxTimeMs, default, new AggregateChunks(
            Wanted(Aggregates.Count, all.Count), Wanted(Aggregates.Sum, all.Sum), Wanted(Aggregates.Min, all.Min),
            Wanted(Aggregates.Max, all.Max), Wanted(Aggregates.Counter, all.Counter)));

        Chunk Wanted(Aggregates aggregate, Chunk slot)
        {
            if (!wanted.HasFlag(aggregate)) return default;
            if (!slot.IsEmpty) return slot;
            throw new StoreException(
                StoreErrorKind.Aborted, $"aggregate {aggregate} does not exist in the chunk at offset {meta.Offset} of {key}");
        }
    }
}
