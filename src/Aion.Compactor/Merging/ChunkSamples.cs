using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Decodes chunks for re-encoding: integer histograms are remembered as such, and what should not be there is left out.</summary>
internal sealed class ChunkSamples
{
    // Merging works on float histograms and passes them on by reference; this finds the integers that they came from.
    private readonly Dictionary<FloatHistogram, Histogram> _integers = new(ReferenceEqualityComparer.Instance);
    private readonly SampleBuffer _scratch = new();

    /// <summary>The integer histogram behind a float one, or null.</summary>
    public Histogram? IntegerOf(FloatHistogram histogram) => _integers.GetValueOrDefault(histogram);

    public void Clear() => _integers.Clear();

    /// <summary>Appends the samples in the closed range that are not deleted.</summary>
    /// <param name="deleted">Closed, ascending, apart from each other.</param>
    /// <exception cref="TsdbCorruptionException">No samples come out of the bytes; the buffer is as it was.</exception>
    public void Decode(Chunk chunk, ReadOnlySpan<TimeRange> deleted, long minMs, long maxMs, SampleBuffer into)
    {
        foreach (TimeRange range in deleted)
        {
            if (range.MaxMs < minMs) continue;
            if (range.MinMs > maxMs) break;
            if (range.MinMs > minMs) Decode(chunk, minMs, range.MinMs - 1, into);
            if (range.MaxMs == long.MaxValue) return;
            minMs = range.MaxMs + 1;
        }

        if (minMs <= maxMs) Decode(chunk, minMs, maxMs, into);
    }

    /// <summary>True when times ascend; otherwise sorts the samples, of equal times keeping the first, and says false.</summary>
    public bool Sort(SampleBuffer samples)
    {
        ReadOnlySpan<long> times = samples.Times;
        var ordered = true;
        for (var i = 1; i < times.Length && ordered; i++) ordered = times[i] > times[i - 1];
        if (ordered) return true;

        long[] keys = times.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        _scratch.Clear();
        foreach (int at in order)
            if (_scratch.Count == 0 || _scratch.Times[^1] != keys[at]) _scratch.AddRange(samples, at, 1);
        samples.Clear();
        samples.AddRange(_scratch, 0, _scratch.Count);
        return false;
    }

    private void Decode(Chunk chunk, long minMs, long maxMs, SampleBuffer into)
    {
        if (chunk.Encoding is not (ChunkEncoding.Histogram or ChunkEncoding.HistogramSt))
        {
            ChunkDecoder.Decode(chunk, into, minMs, maxMs);
            return;
        }

        foreach (HistogramSample sample in ChunkDecoder.DecodeHistograms(chunk))
        {
            if (sample.TimeMs < minMs || sample.TimeMs > maxMs) continue;
            FloatHistogram histogram = sample.Histogram.ToFloat();
            _integers.Add(histogram, sample.Histogram);
            into.Add(sample.TimeMs, histogram);
            into.SetStartTime(into.Count - 1, sample.StartMs);
        }
    }
}
