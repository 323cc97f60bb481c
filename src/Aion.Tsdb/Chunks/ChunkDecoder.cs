using System.Buffers.Binary;
using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>One histogram as the chunk stores it.</summary>
/// <param name="StartMs">Start timestamp; 0 = unknown.</param>
public readonly record struct HistogramSample(long TimeMs, long StartMs, Histogram Histogram);

/// <summary>
/// Turns the bytes of chunks into samples. Safe on any bytes: damage is an exception, and memory stays in proportion to the bytes.
/// </summary>
public static class ChunkDecoder
{
    /// <summary>
    /// Appends the chunk's samples that lie in the closed range <c>[minMs, maxMs]</c>, in chunk order. Integer histograms come as floats;
    /// histograms of one chunk share their span and bound arrays, so replace those arrays, never write into them.
    /// </summary>
    /// <exception cref="TsdbCorruptionException">
    /// Bytes that no writer makes, or an encoding that does not hold samples (an aggregate chunk is split first, see
    /// <see cref="AggregateChunkCodec"/>). The buffer is then as it was before.
    /// </exception>
    public static void Decode(Chunk chunk, SampleBuffer into, long minMs, long maxMs)
    {
        int before = into.Count;
        try
        {
            switch (chunk.Encoding)
            {
                case ChunkEncoding.Xor:
                    DecodeXor(chunk.Data.Span, into, minMs, maxMs);
                    break;
                case ChunkEncoding.Xor2:
                    Xor2ChunkDecoder.Decode(chunk.Data.Span, SampleCount(chunk), into, minMs, maxMs);
                    break;
                case ChunkEncoding.Histogram or ChunkEncoding.HistogramSt:
                    DecodeHistograms(chunk, into, minMs, maxMs);
                    break;
                case ChunkEncoding.FloatHistogram or ChunkEncoding.FloatHistogramSt:
                    DecodeFloatHistograms(chunk, into, minMs, maxMs);
                    break;
                default:
                    TsdbCorruptionException.Throw(0, $"a chunk of encoding {(byte)chunk.Encoding} holds no samples that could be decoded");
                    break;
            }
        }
        catch (TsdbCorruptionException)
        {
            into.Slice(0, before);
            throw;
        }
    }

    /// <summary>
    /// How many samples the chunk's header announces; of an aggregate chunk, the samples of its count, 0 when that is absent.
    /// </summary>
    /// <exception cref="TsdbCorruptionException">The header is cut off or the encoding is unknown.</exception>
    public static int SampleCount(Chunk chunk)
    {
        ReadOnlySpan<byte> data = chunk.Data.Span;
        switch (chunk.Encoding)
        {
            case ChunkEncoding.Aggregate:
                Chunk count = AggregateChunkCodec.Split(chunk).Count;
                return count.IsEmpty ? 0 : SampleCount(count);
            case ChunkEncoding.Xor or ChunkEncoding.Xor2:
                if (data.Length < sizeof(ushort)) TsdbCorruptionException.Throw(data.Length, "chunk: the sample count is cut off");
                return BinaryPrimitives.ReadUInt16BigEndian(data);
            case ChunkEncoding.Histogram or ChunkEncoding.FloatHistogram or ChunkEncoding.HistogramSt or ChunkEncoding.FloatHistogramSt:
                return HistogramChunkHeader.Read(chunk.Encoding, data).Count;
            default:
                TsdbCorruptionException.Throw(0, $"unknown chunk encoding {(byte)chunk.Encoding}");
                return 0;
        }
    }

    /// <summary>What a histogram chunk's header says of its first sample; null for other encodings.</summary>
    /// <exception cref="TsdbCorruptionException">The header is cut off.</exception>
    public static CounterResetHeader? ResetHeader(Chunk chunk) =>
        chunk.Encoding is ChunkEncoding.Histogram or ChunkEncoding.FloatHistogram or ChunkEncoding.HistogramSt or ChunkEncoding.FloatHistogramSt
            ? HistogramChunkHeader.Read(chunk.Encoding, chunk.Data.Span).Reset
            : null;

    /// <summary>All samples of an integer-histogram chunk as stored, for writers that re-encode.</summary>
    /// <exception cref="ArgumentException">Another encoding.</exception>
    /// <exception cref="TsdbCorruptionException">Bytes that no writer makes.</exception>
    public static List<HistogramSample> DecodeHistograms(Chunk chunk)
    {
        if (chunk.Encoding is not (ChunkEncoding.Histogram or ChunkEncoding.HistogramSt))
            throw new ArgumentException($"a {chunk.Encoding} chunk holds no integer histograms", nameof(chunk));
        var reader = new HistogramChunkReader(chunk);
        var samples = new List<HistogramSample>();
        while (reader.MoveNext()) samples.Add(new HistogramSample(reader.TimeMs, reader.StartMs, reader.ToHistogram()));
        return samples;
    }

    private static void DecodeXor(ReadOnlySpan<byte> data, SampleBuffer into, long minMs, long maxMs)
    {
        if (data.Length < sizeof(ushort)) TsdbCorruptionException.Throw(data.Length, "XOR chunk: the sample count is cut off");
        int count = BinaryPrimitives.ReadUInt16BigEndian(data);
        // A sample takes two bits at least: a lying count must not make room for what can't be there.
        if (count > data.Length * 4L) TsdbCorruptionException.Throw(0, $"XOR chunk: {count} samples announced in {data.Length} bytes");
        if (count == 0) return;
        into.Reserve(count, out Span<long> times, out Span<double> values);
        long interval = XorChunkDecoder.Decode(data, count, times, values);
        into.Advance(times[0] >= minMs && times[count - 1] <= maxMs ? count : Trim(times, values, minMs, maxMs), interval);
    }

    private static int Trim(Span<long> times, Span<double> values, long minMs, long maxMs)
    {
        var kept = 0;
        for (var i = 0; i < times.Length; i++)
        {
            if (times[i] < minMs || times[i] > maxMs) continue;
            times[kept] = times[i];
            values[kept] = values[i];
            kept++;
        }

        return kept;
    }

    private static void DecodeHistograms(Chunk chunk, SampleBuffer into, long minMs, long maxMs)
    {
        var reader = new HistogramChunkReader(chunk);
        while (reader.MoveNext())
        {
            if (reader.TimeMs < minMs || reader.TimeMs > maxMs) continue;
            into.Add(reader.TimeMs, reader.ToFloatHistogram());
            if (reader.HasStartTimes) into.SetStartTime(into.Count - 1, reader.StartMs);
        }
    }

    private static void DecodeFloatHistograms(Chunk chunk, SampleBuffer into, long minMs, long maxMs)
    {
        var reader = new FloatHistogramChunkReader(chunk);
        while (reader.MoveNext())
        {
            if (reader.TimeMs < minMs || reader.TimeMs > maxMs) continue;
            into.Add(reader.TimeMs, reader.ToFloatHistogram());
            if (reader.HasStartTimes) into.SetStartTime(into.Count - 1, reader.StartMs);
        }
    }
}
