using Aion.Model;
using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Downsamples the raw samples of one series: floats and histograms take turns in stretches of their own (L-8.10), and exponential and custom
/// buckets too, for they can't be added up. Reusable; not thread-safe.
/// </summary>
internal sealed class RawDownsampler(long resolutionMs)
{
    private readonly FloatDownsampler _floats = new(resolutionMs);
    private readonly HistogramDownsampler _histograms = new(resolutionMs);
    private readonly SampleBuffer _kept = new();

    /// <param name="samples">Not going back in time.</param>
    public void Run(SampleBuffer samples, SeriesBatch batch)
    {
        SampleBuffer fresh = WithoutStale(samples);
        for (var from = 0; from < fresh.Count;)
        {
            int to = from + 1;
            int kind = KindOf(fresh, from);
            if (!fresh.HasHistograms) to = fresh.Count;
            while (to < fresh.Count && KindOf(fresh, to) == kind) to++;
            if (kind == 0) _floats.Run(fresh.Times[from..to], fresh.Values[from..to], batch);
            else _histograms.Run(fresh.Times[from..to], fresh.Histograms[from..to], batch);
            from = to;
        }
    }

    /// <summary>0 = float, 1 = exponential, 2 = custom buckets.</summary>
    private static int KindOf(SampleBuffer samples, int index)
    {
        FloatHistogram? histogram = samples.HasHistograms ? samples.Histograms[index] : null;
        if (histogram is null) return 0;
        return histogram.UsesCustomBuckets ? 2 : 1;
    }

    private SampleBuffer WithoutStale(SampleBuffer samples)
    {
        if (!AnyStale(samples)) return samples;
        _kept.Clear();
        var from = 0;
        for (var i = 0; i <= samples.Count; i++)
        {
            if (i < samples.Count && !IsStale(samples, i)) continue;
            _kept.AddRange(samples, from, i - from);
            from = i + 1;
        }

        return _kept;
    }

    private static bool AnyStale(SampleBuffer samples)
    {
        if (samples.HasHistograms)
        {
            for (var i = 0; i < samples.Count; i++)
                if (IsStale(samples, i)) return true;
            return false;
        }

        if (!SampleScan.AnyNaN(samples.Values)) return false;
        foreach (double value in samples.Values)
            if (StaleMarker.Is(value)) return true;
        return false;
    }

    private static bool IsStale(SampleBuffer samples, int index) =>
        samples.HasHistograms && samples.Histograms[index] is { } histogram ? histogram.IsStale : StaleMarker.Is(samples.Values[index]);
}
