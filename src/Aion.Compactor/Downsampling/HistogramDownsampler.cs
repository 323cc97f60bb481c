using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// Turns native histograms into aggregate chunks of count, sum and counter (L-8.11). A chunk is cut where the bucket layout of a window does
/// not fit, so that all aggregates have the same windows (peer fault W3). Reusable; not thread-safe.
/// </summary>
internal sealed class HistogramDownsampler(long resolutionMs)
{
    private readonly AggregateChunkWriter _writer = new();

    /// <param name="samples">Histograms only, all exponential or all with custom buckets, none stale, not going back in time.</param>
    public void Run(ReadOnlySpan<long> times, ReadOnlySpan<FloatHistogram?> samples, SeriesBatch batch)
    {
        if (times.IsEmpty) return;
        int chunks = DownsampleMath.ChunkCount(times[0], times[^1], DownsampleMath.RawStepMs, resolutionMs, times.Length);
        int size = times.Length / chunks + 1;
        while (!times.IsEmpty)
        {
            int end = Math.Min(size, times.Length);
            long windowEnd = DownsampleMath.WindowEnd(times[end - 1], resolutionMs);
            while (end < times.Length && times[end] <= windowEnd) end++;
            RunBatch(times[..end], samples[..end], batch);
            times = times[end..];
            samples = samples[end..];
        }
    }

    private void RunBatch(ReadOnlySpan<long> times, ReadOnlySpan<FloatHistogram?> samples, SeriesBatch batch)
    {
        _writer.StartSeries();
        var counter = new HistogramCounter(samples);
        long last = times[^1];
        for (var at = 0; at < times.Length;)
        {
            long windowEnd = DownsampleMath.WindowEnd(times[at], resolutionMs);
            int from = at;
            FloatHistogram? sum = null;
            while (at < times.Length && times[at] <= windowEnd)
            {
                FloatHistogram sample = counter.Add(samples[at++]!);
                if (sum is null) sum = sample.Copy();
                else sum.Add(sample);
            }

            sum!.CounterResetHint = CounterResetHint.Gauge;
            AddWindow(batch, Math.Min(windowEnd, last), at - from, sum, counter.Take());
        }

        _writer.Flush(batch);
    }

    private void AddWindow(SeriesBatch batch, long time, double count, FloatHistogram sum, FloatHistogram counter)
    {
        if (_writer.TryAddWindow(time, count, sum, counter)) return;
        _writer.Flush(batch);
        _writer.TryAddWindow(time, count, sum, counter);
    }
}
