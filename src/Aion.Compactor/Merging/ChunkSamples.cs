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

    /// <summary>Checks the buckets of all histograms, which decode whatever their spans say but can't be encoded or added up then.</summary>
    /// <exception cref="TsdbCorruptionException">Spans overlap or leave the range of bucket indices.</exception>
    public static void CheckSpans(SampleBuffer samples)
    {
        BucketSpan[]? positive = null, negative = null;
        foreach (FloatHistogram? histogram in samples.Histograms)
        {
            if (histogram is null) continue;
            // The histograms of one chunk share these arrays.
            if (!ReferenceEquals(histogram.PositiveSpans, positive)) CheckSpans(positive = histogram.PositiveSpans);
            if (!ReferenceEquals(histogram.NegativeSpans, negative)) CheckSpans(negative = histogram.NegativeSpans);
        }
    }

    private static void CheckSpans(BucketSpan[] spans)
    {
        long next = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            next += spans[i].Offset;
            if ((i > 0 && spans[i].Offset < 0) || next < int.MinValue || next + spans[i].Length > int.MaxValue)
                throw new TsdbCorruptionException("", 0, $"histogram: span {i} overlaps the one before or has no place");
            next += spans[i].Length;
        }
    }

    private void Decode(Chunk chunk, long minMs, long maxMs, SampleBuffer into)
    {
        if (chunk.Encoding is not (ChunkEncoding.Histogram or ChunkEncoding.HistogramSt))
        {
            ChunkDecoder.Decode(chunk, into, minMs, maxMs);
            if (into.HasHistograms) CheckSpans(into);
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

        CheckSpans(into);
    }
}
