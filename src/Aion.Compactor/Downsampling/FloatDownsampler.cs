using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aion.Compactor;

/// <summary>Turns raw floats into aggregate chunks, all five aggregates in one pass (L-8.7 … L-8.9). Reusable; not thread-safe.</summary>
internal sealed class FloatDownsampler(long resolutionMs)
{
    private readonly AggregateChunkWriter _writer = new();
    private readonly FloatWindows _windows = new();
    private long[] _times = [];
    private double[] _values = [];

    /// <summary>Emits the chunks of samples that do not go back in time; equal times may follow one another. Stale markers are out.</summary>
    public void Run(ReadOnlySpan<long> times, ReadOnlySpan<double> values, SeriesBatch batch)
    {
        if (times.IsEmpty) return;
        int chunks = DownsampleMath.ChunkCount(times[0], times[^1], DownsampleMath.RawStepMs, resolutionMs, times.Length);
        int size = times.Length / chunks + 1;
        while (!times.IsEmpty)
        {
            int end = Math.Min(size, times.Length);
            long windowEnd = DownsampleMath.WindowEnd(times[end - 1], resolutionMs);
            while (end < times.Length && times[end] <= windowEnd) end++;
            RunBatch(times[..end], values[..end], batch);
            times = times[end..];
            values = values[end..];
        }
    }

    private void RunBatch(ReadOnlySpan<long> times, ReadOnlySpan<double> values, SeriesBatch batch)
    {
        if (SampleScan.AnyNaN(values)) DropNaN(ref times, ref values);
        if (times.IsEmpty) return;
        _windows.Clear(times[0], values[0]);
        bool isExact = values.Length <= ExactWindow.MostSamples && SampleScan.AreExact(values);
        long last = times[^1];
        double counter = values[0], previous = values[0];
        long windowEnd = DownsampleMath.WindowEnd(times[0], resolutionMs);
        var count = 1;
        for (var at = 0; at < times.Length; at += count)
        {
            if (times[at] > windowEnd) windowEnd = NextWindowEnd(windowEnd, times[at]);
            count = CountIn(times[at..], windowEnd, count);
            ReadOnlySpan<double> window = values.Slice(at, count);
            if (isExact && Vector256.IsHardwareAccelerated)
            {
                ExactWindow.Sum(window, out double sum, out double min, out double max);
                counter = ExactWindow.Count(window, previous, counter);
                previous = window[^1];
                _windows.Add(Math.Min(windowEnd, last), count, sum, min, max, counter);
            }
            else
            {
                AddWindow(Math.Min(windowEnd, last), window, ref counter, ref previous);
            }
        }

        _windows.AddLast(Math.Min(DownsampleMath.WindowEnd(last, resolutionMs), last), previous);
        _windows.WriteTo(_writer);
        _writer.Flush(batch);
    }

    /// <summary>One pass for all aggregates, without branches that depend on the values: this loop is what downsampling costs beside decoding.</summary>
    private void AddWindow(long time, ReadOnlySpan<double> window, ref double counter, ref double previous)
    {
        double sum = 0, min = window[0], max = window[0], total = counter, before = previous;
        foreach (double value in window)
        {
            sum += value;
            min = Smaller(value, min);
            max = Larger(value, max);
            total += value - FloorOf(value, before);
            before = value;
        }

        (counter, previous) = (total, before);
        _windows.Add(time, window.Length, sum, min, max, total);
    }

    /// <summary>How many times are up to the window's end; mostly as many as in the window before.</summary>
    private static int CountIn(ReadOnlySpan<long> times, long windowEnd, int guess)
    {
        if (guess < times.Length && times[guess - 1] <= windowEnd && times[guess] > windowEnd) return guess;
        var count = 1;
        while (count < times.Length && times[count] <= windowEnd) count++;
        return count;
    }

    /// <summary>The end of the window of a later time. It mostly follows at once, and then there is nothing to divide.</summary>
    private long NextWindowEnd(long windowEnd, long time)
    {
        bool follows = unchecked((ulong)(time - windowEnd)) <= (ulong)resolutionMs && windowEnd <= long.MaxValue - resolutionMs;
        return follows ? windowEnd + resolutionMs : DownsampleMath.WindowEnd(time, resolutionMs);
    }

    /// <summary>The value when it is below; the native instruction keeps the second of equal ones, which tells 0 from −0.</summary>
    private static double Smaller(double value, double min) =>
        Sse2.IsSupported ? double.MinNative(value, min) : value < min ? value : min;

    private static double Larger(double value, double max) =>
        Sse2.IsSupported ? double.MaxNative(value, max) : value > max ? value : max;

    /// <summary>What a counter grew from: the value before, or 0 after a reset.</summary>
    private static double FloorOf(double value, double previous)
    {
        var before = Vector128.CreateScalarUnsafe(previous);
        return (Vector128.GreaterThanOrEqual(Vector128.CreateScalarUnsafe(value), before) & before).ToScalar();
    }

    private void DropNaN(ref ReadOnlySpan<long> times, ref ReadOnlySpan<double> values)
    {
        if (_times.Length < times.Length) (_times, _values) = (new long[times.Length], new double[times.Length]);
        var kept = 0;
        for (var i = 0; i < times.Length; i++)
        {
            if (double.IsNaN(values[i])) continue;
            _times[kept] = times[i];
            _values[kept++] = values[i];
        }

        times = _times.AsSpan(0, kept);
        values = _values.AsSpan(0, kept);
    }
}
