using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>The decoded aggregates of one chunk, each with a place that moves forward as windows are taken out. Not thread-safe.</summary>
internal sealed class AggregatePiece
{
    private readonly SampleBuffer[] _parts = new SampleBuffer[AggregateParts.Slots];
    private readonly int[] _at = new int[AggregateParts.Slots];

    private AggregatePiece(SampleBuffer[] parts)
    {
        _parts = parts;
        SampleBuffer windows = parts[(int)Aggregate.Count];
        for (var slot = 1; windows.Count == 0 && slot < AggregateParts.Slots; slot++) windows = parts[slot];
        IsHistogram = parts[(int)Aggregate.Sum].HasHistograms || Counter.HasHistograms;
        // The windows of a counter alone are those of its samples.
        var times = new List<long>(windows.Count);
        foreach (long time in windows.Times)
            if (times.Count == 0 || times[^1] != time) times.Add(time);
        Windows = [.. times];
        HasResets = !IsHistogram && Counter.Count > 1 && Counter.Values[^1] != Counter.Values[^2];
    }

    /// <summary>Times of the windows, ascending.</summary>
    public long[] Windows { get; }

    public bool IsHistogram { get; }

    /// <summary>The counter's total went away from its raw value, for there were resets in the chunk.</summary>
    public bool HasResets { get; }

    private SampleBuffer Counter => _parts[(int)Aggregate.Counter];

    /// <exception cref="TsdbCorruptionException">A part can't be decoded.</exception>
    public static AggregatePiece Decode(Chunk chunk)
    {
        AggregateChunks chunks = AggregateChunkCodec.Split(chunk);
        var parts = new SampleBuffer[AggregateParts.Slots];
        for (var slot = 0; slot < parts.Length; slot++)
        {
            parts[slot] = new SampleBuffer();
            Chunk part = AggregateParts.Of(chunks, (Aggregate)slot);
            if (!part.IsEmpty) ChunkDecoder.Decode(part, parts[slot], long.MinValue, long.MaxValue);
            ChunkSamples.CheckSpans(parts[slot]);
        }

        return new AggregatePiece(parts);
    }

    /// <summary>The float of an aggregate in a window. Ask for windows in ascending order.</summary>
    public bool TryFloat(Aggregate aggregate, long windowMs, out double value)
    {
        int at = Find(aggregate, windowMs);
        SampleBuffer part = _parts[(int)aggregate];
        bool found = at >= 0 && (!part.HasHistograms || part.Histograms[at] is null);
        value = found ? part.Values[at] : 0;
        return found;
    }

    /// <inheritdoc cref="TryFloat"/>
    public FloatHistogram? HistogramOf(Aggregate aggregate, long windowMs)
    {
        int at = Find(aggregate, windowMs);
        SampleBuffer part = _parts[(int)aggregate];
        return at >= 0 && part.HasHistograms ? part.Histograms[at] : null;
    }

    /// <summary>The first raw sample, when the chunk's counter has one in front of the window's value.</summary>
    public bool TryFirstRaw(long windowMs, out long timestampMs, out double value)
    {
        bool found = !IsHistogram && Counter.Count > 0 && Windows.Length > 0 && Windows[0] == windowMs && Counter.Times[0] <= windowMs;
        timestampMs = found ? Counter.Times[0] : 0;
        value = found ? Counter.Values[0] : 0;
        return found;
    }

    /// <summary>The raw value at the end of the chunk, when the window is its last.</summary>
    public bool TryLastRaw(long windowMs, out double value)
    {
        bool found = !IsHistogram && Counter.Count > 0 && Windows.Length > 0 && Windows[^1] == windowMs;
        value = found ? Counter.Values[^1] : 0;
        return found;
    }

    /// <summary>The counter's total at or before a time; false when the chunk starts later.</summary>
    public bool TryTotalAt(long timestampMs, out double value)
    {
        value = 0;
        ReadOnlySpan<long> times = Counter.Times;
        int at = times.Length - 1;
        while (at >= 0 && times[at] > timestampMs) at--;
        // The last sample may be the raw value, on the time of the window before it.
        while (at > 0 && times[at - 1] == times[at]) at--;
        if (at < 0 || IsHistogram) return false;
        value = Counter.Values[at];
        return true;
    }

    private int Find(Aggregate aggregate, long windowMs)
    {
        ReadOnlySpan<long> times = _parts[(int)aggregate].Times;
        ref int at = ref _at[(int)aggregate];
        while (at < times.Length && times[at] < windowMs) at++;
        return at < times.Length && times[at] == windowMs ? at : -1;
    }
}
