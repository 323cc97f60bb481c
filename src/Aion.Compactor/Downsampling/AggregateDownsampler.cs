using System.Runtime.InteropServices;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Downsamples the aggregate chunks of one series further, some chunks into one (L-8.12): counts and sums are added up, of the smallest the
/// smallest is kept, and counters go on across the chunks. Reusable; not thread-safe.
/// </summary>
internal sealed class AggregateDownsampler(long resolutionMs)
{
    private readonly AggregateChunkWriter _writer = new();
    private readonly SampleBuffer[] _parts = [new(), new(), new(), new(), new()];
    private readonly SampleBuffer _counter = new();
    private readonly SampleBuffer _part = new();

    /// <param name="chunks">In time order, apart from each other; none empty.</param>
    /// <exception cref="TsdbCorruptionException">A part of a chunk can't be decoded.</exception>
    public void Run(List<AggregateSource> chunks, SeriesBatch batch)
    {
        ReadOnlySpan<AggregateSource> all = CollectionsMarshal.AsSpan(chunks);
        for (var from = 0; from < all.Length;)
        {
            int to = from + 1;
            while (to < all.Length && all[to].Kind == all[from].Kind) to++;
            RunKind(all[from..to], batch);
            from = to;
        }
    }

    private void RunKind(ReadOnlySpan<AggregateSource> chunks, SeriesBatch batch)
    {
        long samples = 0;
        foreach (AggregateSource chunk in chunks) samples += chunk.Windows;
        int parts = DownsampleMath.ChunkCount(
            chunks[0].MinTimeMs, chunks[^1].MaxTimeMs, Blocks.BlockResolution.FiveMinutes, resolutionMs, samples);
        int size = Math.Max(1, chunks.Length / parts);
        for (var from = 0; from < chunks.Length; from += size)
        {
            ReadOnlySpan<AggregateSource> some = chunks.Slice(from, Math.Min(size, chunks.Length - from));
            if (some[0].Kind == AggregateKind.Float) RunFloats(some, batch);
            else RunHistograms(some, batch);
        }
    }

    private void RunFloats(ReadOnlySpan<AggregateSource> chunks, SeriesBatch batch)
    {
        for (var aggregate = Aggregate.Count; aggregate <= Aggregate.Max; aggregate++) Expand(chunks, aggregate, _parts[(int)aggregate]);
        SampleBuffer windows = _parts[(int)Aggregate.Count];
        ReadOnlySpan<long> counted = windows.Times;
        for (var aggregate = Aggregate.Count; aggregate <= Aggregate.Max; aggregate++) Combine(aggregate, _parts[(int)aggregate]);
        RunCounter(chunks);
        if (counted.IsEmpty) return;
        long last = counted[^1];
        for (var at = 0; at < counted.Length;)
        {
            long windowEnd = DownsampleMath.WindowEnd(counted[at], resolutionMs);
            while (at < counted.Length && counted[at] <= windowEnd) at++;
            _writer.EndWindow(Math.Min(windowEnd, last));
        }

        _writer.Flush(batch);
    }

    private void Combine(Aggregate aggregate, SampleBuffer samples)
    {
        ReadOnlySpan<long> times = samples.Times;
        ReadOnlySpan<double> values = samples.Values;
        for (var at = 0; at < times.Length;)
        {
            long windowEnd = DownsampleMath.WindowEnd(times[at], resolutionMs);
            double result = values[at++];
            for (; at < times.Length && times[at] <= windowEnd; at++)
            {
                if (aggregate == Aggregate.Min) result = values[at] < result ? values[at] : result;
                else if (aggregate == Aggregate.Max) result = values[at] > result ? values[at] : result;
                else result += values[at];
            }

            _writer.Add(aggregate, Math.Min(windowEnd, times[^1]), result);
        }
    }

    /// <summary>The first value, the total at the end of each window, and the raw value at the end.</summary>
    private void RunCounter(ReadOnlySpan<AggregateSource> chunks)
    {
        var resets = new CounterResetIterator();
        _counter.Clear();
        double raw = 0;
        foreach (AggregateSource chunk in chunks)
        {
            if (chunk.Parts.Counter.IsEmpty) continue;
            _part.Clear();
            ChunkDecoder.Decode(chunk.Parts.Counter, _part, long.MinValue, long.MaxValue);
            resets.Add(_part, _counter);
            if (_part.Count > 0) raw = _part.Values[^1];
        }

        ReadOnlySpan<long> times = _counter.Times;
        if (times.IsEmpty) return;
        ReadOnlySpan<double> totals = _counter.Values;
        _writer.Add(Aggregate.Counter, times[0], totals[0]);
        // Totals of a gauge with negative values fall too: what falls counts as a reset once more.
        double counter = totals[0], previous = totals[0];
        for (var at = 0; at < times.Length;)
        {
            long windowEnd = DownsampleMath.WindowEnd(times[at], resolutionMs);
            for (; at < times.Length && times[at] <= windowEnd; at++)
            {
                counter += totals[at] >= previous ? totals[at] - previous : totals[at];
                previous = totals[at];
            }

            _writer.Add(Aggregate.Counter, Math.Min(windowEnd, times[^1]), counter);
        }

        _writer.Add(Aggregate.Counter, Math.Min(DownsampleMath.WindowEnd(times[^1], resolutionMs), times[^1]), raw);
    }

    private void RunHistograms(ReadOnlySpan<AggregateSource> chunks, SeriesBatch batch)
    {
        _writer.StartSeries();
        Expand(chunks, Aggregate.Count, _parts[0]);
        Expand(chunks, Aggregate.Sum, _parts[1]);
        Expand(chunks, Aggregate.Counter, _counter);
        SampleBuffer counts = _parts[0], sums = _parts[1];
        if (counts.Count == 0) return;
        HistogramCounter? counter = _counter.Count > 0 ? new HistogramCounter(_counter.Histograms) : null;
        HistogramCounter? schema = sums.Count > 0 ? new HistogramCounter(sums.Histograms) : null;
        int atSum = 0, atCounter = 0;
        for (var at = 0; at < counts.Count;)
        {
            long windowEnd = DownsampleMath.WindowEnd(counts.Times[at], resolutionMs);
            double count = 0;
            while (at < counts.Count && counts.Times[at] <= windowEnd) count += counts.Values[at++];
            FloatHistogram? sum = null;
            for (; atSum < sums.Count && sums.Times[atSum] <= windowEnd; atSum++)
            {
                FloatHistogram sample = schema!.Add(sums.Histograms[atSum]!);
                if (sum is null) sum = sample.Copy();
                else sum.Add(sample);
            }

            var counted = false;
            for (; atCounter < _counter.Count && _counter.Times[atCounter] <= windowEnd; atCounter++)
            {
                counter!.Add(_counter.Histograms[atCounter]!);
                counted = true;
            }

            if (sum is not null) sum.CounterResetHint = CounterResetHint.Gauge;
            AddWindow(batch, Math.Min(windowEnd, counts.Times[^1]), count, sum, counted ? counter!.Take() : null);
        }

        _writer.Flush(batch);
    }

    private void AddWindow(SeriesBatch batch, long time, double count, FloatHistogram? sum, FloatHistogram? counter)
    {
        if (_writer.TryAddWindow(time, count, sum, counter)) return;
        _writer.Flush(batch);
        _writer.TryAddWindow(time, count, sum, counter);
    }

    /// <summary>One aggregate over all chunks, without stale markers and NaN, and without what goes back in time.</summary>
    private void Expand(ReadOnlySpan<AggregateSource> chunks, Aggregate aggregate, SampleBuffer into)
    {
        into.Clear();
        foreach (AggregateSource chunk in chunks)
        {
            Chunk part = AggregateParts.Of(chunk.Parts, aggregate);
            if (part.IsEmpty) continue;
            _part.Clear();
            ChunkDecoder.Decode(part, _part, long.MinValue, long.MaxValue);
            bool wantsHistograms = aggregate is Aggregate.Sum or Aggregate.Counter && chunk.Kind != AggregateKind.Float;
            for (var i = 0; i < _part.Count; i++)
            {
                FloatHistogram? histogram = _part.HasHistograms ? _part.Histograms[i] : null;
                if ((histogram is null) == wantsHistograms || (into.Count > 0 && _part.Times[i] < into.Times[^1])) continue;
                if (histogram is null ? !double.IsNaN(_part.Values[i]) : !histogram.IsStale) into.AddRange(_part, i, 1);
            }
        }
    }
}

/// <summary>What the windows of an aggregate chunk are of.</summary>
internal enum AggregateKind
{
    Float,
    Exponential,
    CustomBuckets,
}

/// <summary>An aggregate chunk to be downsampled further.</summary>
internal readonly record struct AggregateSource(long MinTimeMs, long MaxTimeMs, AggregateKind Kind, int Windows, AggregateChunks Parts);
