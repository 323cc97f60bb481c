using Aion.Model;

namespace Aion.PromQL;

/// <summary>Growth of histograms over a window, for the rate family. Contradicting reset hints are not reported: resets are dealt with here.</summary>
internal static class HistogramRate
{
    /// <summary>Last minus first, plus what was lost at resets (counters); null if the layouts do not fit. At least two histograms.</summary>
    public static FloatHistogram? Growth(in Window window, RangeScope scope, bool isCounter)
    {
        ReadOnlySpan<FloatHistogram> histograms = window.Histograms;
        FloatHistogram first = histograms[0], last = histograms[^1], previous = first;
        bool gauges = first.CounterResetHint == CounterResetHint.Gauge || last.CounterResetHint == CounterResetHint.Gauge;
        if (isCounter && gauges) scope.Annotate(AnnotationKind.NotCounter);
        // After a reset nobody looks at the first one, so its layout must not stand in the way.
        if (isCounter && IsReset(window, 1, first)) previous = new FloatHistogram { Schema = histograms[1].Schema, CustomValues = histograms[1].CustomValues };
        if (!FindSchema(histograms, previous, scope, isCounter, out int schema)) return null;

        FloatHistogram growth = last.UsesCustomBuckets ? last.Copy() : last.CopyToSchema(schema);
        if (!SubtractReported(growth, previous, scope)) return null;
        if (isCounter)
        {
            if (HasOverlap(window))
                scope.Call.Annotations.AddCounted(AnnotationKind.StartTimeOverlap, scope.Call.RangePosition, scope.MetricName, 1);
            for (var i = 1; i < histograms.Length; i++)
            {
                if (IsReset(window, i, previous) && !AddReported(growth, previous, scope)) return null;
                previous = histograms[i];
            }
        }
        else if (first.CounterResetHint != CounterResetHint.Gauge || last.CounterResetHint != CounterResetHint.Gauge)
        {
            scope.Annotate(AnnotationKind.NotGauge);
        }

        growth.CounterResetHint = CounterResetHint.Gauge;
        return growth.Compact();
    }

    /// <summary>Adds, and reports what the user should know; false if the layouts do not fit.</summary>
    public static bool AddReported(FloatHistogram target, FloatHistogram other, RangeScope scope) => Report(target.Add(other), scope, "addition");

    /// <summary>Subtracts, and reports what the user should know; false if the layouts do not fit.</summary>
    public static bool SubtractReported(FloatHistogram target, FloatHistogram other, RangeScope scope) =>
        Report(target.Subtract(other), scope, "subtraction");

    /// <summary>The histogram at a time between samples <paramref name="at"/> and the next; null if their layouts do not fit.</summary>
    public static FloatHistogram? Interpolate(
        ReadOnlySpan<long> times, ReadOnlySpan<FloatHistogram> histograms, int at, long timeMs, bool isCounter, RangeScope scope)
    {
        FloatHistogram? result = Interpolate(
            times[at], histograms[at], times[at + 1], histograms[at + 1], timeMs, isCounter, out HistogramOutcome subtraction, out HistogramOutcome addition);
        Report(subtraction, scope, "subtraction");
        Report(addition, scope, "addition");
        return result;
    }

    /// <summary>Linear between two histograms; a counter that was reset between them is taken to have started from zero.</summary>
    public static FloatHistogram? Interpolate(
        long time1, FloatHistogram first, long time2, FloatHistogram second, long timeMs, bool isCounter,
        out HistogramOutcome subtraction, out HistogramOutcome addition)
    {
        subtraction = addition = HistogramOutcome.Done;
        if (timeMs == time1) return first.Copy();
        if (timeMs == time2) return second.Copy();
        double fraction = (double)(timeMs - time1) / (time2 - time1);
        FloatHistogram result = second.Copy();
        if (isCounter && second.DetectReset(first)) return result.Multiply(fraction);
        subtraction = result.Subtract(first);
        if (subtraction.HasFlag(HistogramOutcome.Incompatible)) return null;
        result.Multiply(fraction);
        addition = result.Add(first);
        return addition.HasFlag(HistogramOutcome.Incompatible) ? null : result;
    }

    private static bool IsReset(in Window window, int current, FloatHistogram previous) =>
        (!window.HistogramStarts.IsEmpty && StartTimestamps.IsReset(
            window.HistogramStarts[current - 1], window.HistogramTimes[current - 1], window.HistogramStarts[current], window.HistogramTimes[current]))
        || window.Histograms[current].DetectReset(previous);

    private static bool HasOverlap(in Window window)
    {
        for (var i = 1; i < window.HistogramStarts.Length; i++)
            if (StartTimestamps.Overlap(window.HistogramStarts[i - 1], window.HistogramTimes[i - 1], window.HistogramStarts[i])) return true;
        return false;
    }

    /// <summary>The coarsest schema that takes part; false if exponential and custom buckets are mixed.</summary>
    private static bool FindSchema(ReadOnlySpan<FloatHistogram> histograms, FloatHistogram first, RangeScope scope, bool isCounter, out int schema)
    {
        FloatHistogram last = histograms[^1];
        schema = Math.Min(first.Schema, last.Schema);
        bool fits = last.UsesCustomBuckets == first.UsesCustomBuckets;
        for (var i = 1; fits && isCounter && i < histograms.Length - 1; i++)
        {
            if (histograms[i].CounterResetHint == CounterResetHint.Gauge) scope.Annotate(AnnotationKind.NotCounter);
            schema = Math.Min(schema, histograms[i].Schema);
            fits = histograms[i].UsesCustomBuckets == first.UsesCustomBuckets;
        }

        if (!fits) scope.Annotate(AnnotationKind.MixedExponentialCustom);
        return fits;
    }

    private static bool Report(HistogramOutcome outcome, RangeScope scope, string operation)
    {
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            scope.Annotate(AnnotationKind.MixedExponentialCustom);
            return false;
        }

        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled)) scope.AnnotateOperation(AnnotationKind.MismatchedCustomBuckets, operation);
        return true;
    }
}
