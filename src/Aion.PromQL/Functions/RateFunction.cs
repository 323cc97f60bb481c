using System.Numerics;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// <c>rate</c>, <c>increase</c> and <c>delta</c>: the growth between the first and the last sample, extrapolated to the edges of the window.
/// </summary>
internal sealed class RateFunction(bool isCounter, bool isRate) : RangeFunction
{
    public override bool UsesStartTimestamps => isCounter;

    public override bool AllowsAnchored => true;

    public override bool AllowsSmoothed => true;

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.IsMixed)
        {
            scope.Annotate(AnnotationKind.MixedFloatsHistograms);
            return false;
        }

        bool found;
        if (scope.Call.Anchored || scope.Call.Smoothed)
            found = window.Values.Length > 0
                ? ExtendedRate.Floats(window, scope, isCounter, isRate, ref result)
                : ExtendedRate.Histograms(window, scope, isCounter, isRate, ref result);
        else
            found = window.Values.Length > 0 ? Floats(window, scope, ref result) : Histograms(window, scope, ref result);
        if (found && isCounter && result.Histogram is null) AnnotateNonCounter(scope);
        return found;
    }

    /// <summary>The hot path: resets are found once per series, so a window costs O(1) plus its resets.</summary>
    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        Span<int> stack = stackalloc int[64];
        int resetCount = isCounter ? FindResets(values, stack) : 0;
        ReadOnlySpan<int> resets = resetCount <= stack.Length ? stack[..resetCount] : AllResets(values, resetCount);
        Measure(times, values, windows, resets, scope);
        Extrapolate(scope.Arrays, windows.Count, scope.Call.RangeSeconds, row);
        if (isCounter && !row.IsEmpty) AnnotateNonCounter(scope);
        return true;
    }

    /// <summary>Writes the indices <c>i</c> with <c>v[i] &lt; v[i−1]</c> as far as they fit; returns how many there are.</summary>
    private static int FindResets(ReadOnlySpan<double> values, Span<int> resets)
    {
        var count = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (!(values[i] < values[i - 1])) continue;
            if (count < resets.Length) resets[count] = i;
            count++;
        }

        return count;
    }

    private static int[] AllResets(ReadOnlySpan<double> values, int count)
    {
        var resets = new int[count];
        FindResets(values, resets);
        return resets;
    }

    /// <summary>Writes what the extrapolation needs of each window.</summary>
    private static void Measure(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, ReadOnlySpan<int> resets, RangeScope scope)
    {
        RangeScratch arrays = scope.Arrays;
        ReferenceTimes ends = scope.Call.Windows.Ends;
        var firstReset = 0;
        long end = ends.StartMs;
        for (var step = 0; step < windows.Count; step++, end += ends.StepMs)
        {
            int low = windows.Low[step], last = windows.High[step] - 1;
            arrays.Intervals[step] = Math.Max(0, last - low);
            if (last <= low) continue;
            double growth = values[last] - values[low];
            while (firstReset < resets.Length && resets[firstReset] <= low) firstReset++;
            for (int i = firstReset; i < resets.Length && resets[i] <= last; i++) growth += values[resets[i] - 1];
            arrays.Growth[step] = growth;
            arrays.First[step] = values[low];
            arrays.ToStart[step] = times[low] - (end - scope.Call.Windows.RangeMs);
            arrays.ToEnd[step] = end - times[last];
            arrays.Sampled[step] = times[last] - times[low];
        }
    }

    /// <summary>The formula of <see cref="Factor"/> for several steps at once: it consists of divisions mostly, which lanes share.</summary>
    private void Extrapolate(RangeScratch arrays, int count, double rangeSeconds, Row row)
    {
        var step = 0;
        Vector<double> thousand = new(1000.0), range = new(rangeSeconds), threshold = new(1.1), two = new(2.0), zero = Vector<double>.Zero;
        for (; step + Vector<double>.Count <= count; step += Vector<double>.Count)
        {
            Vector<double> sampled = new Vector<double>(arrays.Sampled, step) / thousand, growth = new(arrays.Growth, step), first = new(arrays.First, step);
            Vector<double> toStart = new Vector<double>(arrays.ToStart, step) / thousand, toEnd = new Vector<double>(arrays.ToEnd, step) / thousand;
            Vector<double> average = sampled / new Vector<double>(arrays.Intervals, step);
            Vector<double> limit = average * threshold, half = average / two;
            toStart = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(toStart, limit), half, toStart);
            if (isCounter)
            {
                Vector<double> toZero = sampled * (first / growth);
                Vector<long> applies = Vector.GreaterThan(growth, zero) & Vector.GreaterThanOrEqual(first, zero) & Vector.LessThan(toZero, toStart);
                toStart = Vector.ConditionalSelect(applies, toZero, toStart);
            }

            toEnd = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(toEnd, limit), half, toEnd);
            Vector<double> factor = (sampled + toStart + toEnd) / sampled;
            if (isRate) factor /= range;
            (growth * factor).CopyTo(row.Values, step);
        }

        for (; step < count; step++)
        {
            double factor = Factor(
                arrays.Growth[step], arrays.First[step], arrays.Sampled[step] / 1000, arrays.ToStart[step] / 1000, arrays.ToEnd[step] / 1000,
                arrays.Intervals[step], rangeSeconds);
            row.Values[step] = arrays.Growth[step] * factor;
        }

        for (step = 0; step < count; step++)
            if (arrays.Intervals[step] > 0) Bits.Set(row.Present, step);
    }

    private bool Floats(in Window window, RangeScope scope, ref PointValue result)
    {
        ReadOnlySpan<double> values = window.Values;
        double growth = values[^1] - values[0];
        if (isCounter)
        {
            var overlaps = false;
            for (var i = 1; i < values.Length; i++)
            {
                bool reset = values[i] < values[i - 1];
                if (!window.Starts.IsEmpty)
                {
                    overlaps |= StartTimestamps.Overlap(window.Starts[i - 1], window.Times[i - 1], window.Starts[i]);
                    reset |= StartTimestamps.IsReset(window.Starts[i - 1], window.Times[i - 1], window.Starts[i], window.Times[i]);
                }

                if (reset) growth += values[i - 1];
            }

            if (overlaps) AnnotateOverlap(scope);
        }

        if (FirstStartsInside(window.Starts, window.Times, window.StartMs))
        {
            growth += values[0];
            result.Float = growth * StartedFactor(window.Times, window.Starts[0], window.EndMs, scope.Call.RangeSeconds);
            return true;
        }

        if (values.Length < 2) return false;
        result.Float = growth * WindowFactor(window, window.Times, growth, values[0], scope.Call.RangeSeconds);
        return true;
    }

    private bool Histograms(in Window window, RangeScope scope, ref PointValue result)
    {
        FloatHistogram? growth = null;
        if (window.Histograms.Length > 1)
        {
            growth = HistogramRate.Growth(window, scope, isCounter);
            if (growth is null) return false;
        }

        double factor;
        if (FirstStartsInside(window.HistogramStarts, window.HistogramTimes, window.StartMs))
        {
            if (growth is null) growth = window.Histograms[0].Copy();
            else if (!HistogramRate.AddReported(growth, window.Histograms[0], scope)) return false;
            factor = StartedFactor(window.HistogramTimes, window.HistogramStarts[0], window.EndMs, scope.Call.RangeSeconds);
        }
        else if (growth is null)
        {
            return false;
        }
        else
        {
            factor = WindowFactor(window, window.HistogramTimes, growth.Count, window.Histograms[0].Count, scope.Call.RangeSeconds);
        }

        growth.Multiply(factor);
        result.Histogram = growth;
        return true;
    }

    /// <summary>The first sample says that its counter began inside the window, at zero.</summary>
    private bool FirstStartsInside(ReadOnlySpan<long> starts, ReadOnlySpan<long> times, long rangeStartMs) =>
        isCounter && !starts.IsEmpty && starts[0] != 0 && starts[0] > rangeStartMs && starts[0] < times[0];

    private double StartedFactor(ReadOnlySpan<long> times, long startedMs, long endMs, double rangeSeconds)
    {
        double average = times.Length > 1 ? (times[^1] - times[0]) / 1000.0 / (times.Length - 1) : 0;
        double toEnd = (endMs - times[^1]) / 1000.0;
        if (toEnd >= average * 1.1) toEnd = average / 2;
        double sampled = (times[^1] - startedMs) / 1000.0;
        double factor = sampled == 0 ? 1 : (sampled + 0 + toEnd) / sampled;
        return isRate ? factor / rangeSeconds : factor;
    }

    private double WindowFactor(in Window window, ReadOnlySpan<long> times, double growth, double first, double rangeSeconds)
    {
        double toStart = (times[0] - window.StartMs) / 1000.0;
        double toEnd = (window.EndMs - times[^1]) / 1000.0;
        double sampled = (times[^1] - times[0]) / 1000.0;
        return Factor(growth, first, sampled, toStart, toEnd, times.Length - 1, rangeSeconds);
    }

    /// <summary>By how much the growth between the samples is scaled; the division by the range comes before it meets the growth.</summary>
    private double Factor(double growth, double first, double sampled, double toStart, double toEnd, double intervals, double rangeSeconds)
    {
        double average = sampled / intervals;
        double threshold = average * 1.1;
        if (toStart >= threshold) toStart = average / 2;
        if (isCounter && growth > 0 && first >= 0)
        {
            double toZero = sampled * (first / growth);
            if (toZero < toStart) toStart = toZero;
        }

        if (toEnd >= threshold) toEnd = average / 2;
        double factor = sampled == 0 ? 1 : (sampled + toStart + toEnd) / sampled;
        return isRate ? factor / rangeSeconds : factor;
    }

    private static void AnnotateOverlap(RangeScope scope) =>
        scope.Call.Annotations.AddCounted(AnnotationKind.StartTimeOverlap, scope.Call.RangePosition, scope.MetricName, 1);

    private static void AnnotateNonCounter(RangeScope scope)
    {
        if (scope.NonCounterChecked) return;
        scope.NonCounterChecked = true;
        string name = scope.MetricName;
        if (name.Length == 0) return;
        if (scope.Call.TypeAndUnitLabels)
        {
            string type = scope.Labels.GetValueOrNull("__type__") ?? "";
            if (type is "counter" or "histogram") return;
            scope.Call.Annotations.Add(AnnotationKind.PossibleNonCounterType, scope.Call.RangePosition, type, name);
            return;
        }

        if (name.EndsWith("_total", StringComparison.Ordinal) || name.EndsWith("_sum", StringComparison.Ordinal)
            || name.EndsWith("_count", StringComparison.Ordinal) || name.EndsWith("_bucket", StringComparison.Ordinal)) return;
        scope.Annotate(AnnotationKind.PossibleNonCounter);
    }
}

/// <summary>What start timestamps say about resets; milliseconds, 0 = unknown.</summary>
internal static class StartTimestamps
{
    public static bool IsReset(long previousStart, long previousTime, long start, long time)
    {
        if (start == 0 || start >= time || start < previousTime) return false;
        if (start > previousTime) return true;
        // It starts where the previous sample is: a delta stream, or a counter whose start nobody knows.
        return previousStart != 0 && previousStart < previousTime;
    }

    public static bool Overlap(long previousStart, long previousTime, long start) =>
        start != 0 && start < previousTime && start != previousStart;
}
