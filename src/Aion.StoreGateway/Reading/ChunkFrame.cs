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

    /// <summary>Bytes of the longest length prefix.</summary>
    public const int MostHead = 5;

    /// <summary>
    /// Longer than any chunk that anybody writes (120 samples of a histogram with ten thousand buckets take some MiB): a length beyond is
    /// damage, and is told before memory for it is asked for.
    /// </summary>
    public const int MostDataBytes = 16 * 1024 * 1024;

    private const int CrcBytes = sizeof(uint);

    public int WholeBytes => Head + 1 + DataBytes + CrcBytes;

    /// <summary>Reads the length at the start of the bytes.</summary>
    /// <exception cref="TsdbCorruptionException">It is no length.</exception>
    public static ChunkFrame ReadHead(string key, ReadOnlySpan<byte> bytes, long offset)
    {
        ulong length = 0;
        for (var i = 0; i < Math.Min(bytes.Length, MostHead); i++)
        {
            length |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            if (length > MostDataBytes) throw new TsdbCorruptionException(key, offset, $"a chunk of {length} bytes, where {MostDataBytes} are the most");
            return new ChunkFrame(i + 1, (int)length);
        }

        throw new TsdbCorruptionException(key, offset, "the length of a chunk is no number");
    }

    /// <summary>How long the frame is that starts the bytes; more than any range where that is no length, which whoever reads it will find out.</summary>
    public static int WholeBytesOf(ReadOnlySpan<byte> bytes)
    {
        ulong length = 0;
        for (var i = 0; i < Math.Min(bytes.Length, MostHead); i++)
        {
            length |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80) return length > MostDataBytes ? int.MaxValue : i + 2 + (int)length + CrcBytes;
        }

        return int.MaxValue;
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
