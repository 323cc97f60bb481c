using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>What the header of a histogram chunk says of its first sample against the sample before it.</summary>
public enum CounterResetHeader : byte
{
    Unknown = 0b00,
    NotReset = 0b01,
    Reset = 0b10,

    /// <summary>All samples are gauges.</summary>
    Gauge = 0b11,
}

/// <summary>The first bytes of a histogram chunk, plain or with start timestamps (format notes F-6.13, F-6.32).</summary>
internal readonly record struct HistogramChunkHeader(int Count, CounterResetHeader Reset, byte StartTimes)
{
    public const int Bytes = 3;

    /// <summary>The count shares its two bytes with the counter reset.</summary>
    public const int MaxCountWithStartTimes = 0x3FFF;

    public static HistogramChunkHeader Read(ChunkEncoding encoding, ReadOnlySpan<byte> data)
    {
        if (data.Length < Bytes) TsdbCorruptionException.Throw(data.Length, "histogram chunk: the header is cut off");
        int first = data[0] << 8 | data[1];
        return encoding is ChunkEncoding.HistogramSt or ChunkEncoding.FloatHistogramSt
            ? new HistogramChunkHeader(first & 0x3FFF, (CounterResetHeader)(first >> 14), data[2])
            : new HistogramChunkHeader(first, (CounterResetHeader)(data[2] >> 6), 0);
    }

    public static void Write(Span<byte> target, int count, CounterResetHeader reset, bool withStartTimes, byte startTimes)
    {
        int first = withStartTimes ? (int)reset << 14 | count : count;
        target[0] = (byte)(first >> 8);
        target[1] = (byte)first;
        target[2] = withStartTimes ? startTimes : (byte)((int)reset << 6);
    }

    /// <summary>
    /// The hint of a decoded sample. The first one's is unknown whatever the header says: a reader may have skipped the sample before.
    /// </summary>
    public CounterResetHint HintOf(int index) =>
        Reset == CounterResetHeader.Gauge ? CounterResetHint.Gauge : index == 0 ? CounterResetHint.Unknown : CounterResetHint.NotReset;
}
