using Aion.Model;

namespace Aion.PromQL;

/// <summary>rate, increase and delta over <c>anchored</c> and <c>smoothed</c> selectors: exact edges instead of extrapolation.</summary>
internal static class ExtendedRate
{
    public static bool Floats(in Window window, RangeScope scope, bool isCounter, bool isRate, ref PointValue result)
    {
        ReadOnlySpan<long> times = window.Times;
        ReadOnlySpan<double> values = window.Values;
        bool smoothed = scope.Call.Smoothed;
        (int first, int last) = Edges(times, window, smoothed);
        if (times[last] <= window.StartMs || (smoothed && times[first] > window.EndMs)) return false;

        double left = smoothed && times[first] < window.StartMs
            ? Interpolate(times, values, first, window.StartMs, isCounter)
            : values[first];
        double right = smoothed && last > 0 && times[last] > window.EndMs
            ? Interpolate(times, values, last - 1, window.EndMs, isCounter)
            : values[last];
        double growth = right - left;
        if (isCounter)
        {
            if (times[first] <= window.StartMs) first++;
            if (times[last] >= window.EndMs) last--;
            growth += Correction(left, right, first <= last ? values[first..(last + 1)] : []);
        }

        result.Float = isRate ? growth / scope.Call.RangeSeconds : growth;
        return true;
    }

    public static bool Histograms(in Window window, RangeScope scope, bool isCounter, bool isRate, ref PointValue result)
    {
        ReadOnlySpan<long> times = window.HistogramTimes;
        ReadOnlySpan<FloatHistogram> histograms = window.Histograms;
        bool smoothed = scope.Call.Smoothed;
        (int first, int last) = Edges(times, window, smoothed);
        if (times[last] <= window.StartMs || (smoothed && times[first] > window.EndMs)) return false;
        if (!HaveOneLayout(histograms[first..(last + 1)], scope, isCounter)) return false;

        FloatHistogram? left = smoothed && times[first] < window.StartMs
            ? HistogramRate.Interpolate(times, histograms, first, window.StartMs, isCounter, scope)
            : histograms[first];
        if (left is null) return false;
        FloatHistogram? right = smoothed && last > 0 && times[last] > window.EndMs
            ? HistogramRate.Interpolate(times, histograms, last - 1, window.EndMs, isCounter, scope)
            : histograms[last];
        if (right is null) return false;

        if (!isCounter && (left.CounterResetHint != CounterResetHint.Gauge || right.CounterResetHint != CounterResetHint.Gauge))
            scope.Annotate(AnnotationKind.NotGauge);
        FloatHistogram growth = right.Copy();
        if (!HistogramRate.SubtractReported(growth, left, scope)) return false;
        if (isCounter && !AddCorrection(growth, histograms, times, first, last, left, right, window.StartMs, smoothed, scope)) return false;
        if (isRate) growth.Divide(scope.Call.RangeSeconds);
        growth.CounterResetHint = CounterResetHint.Gauge;
        growth.Compact();
        result.Histogram = growth;
        return true;
    }

    /// <summary>The last sample at or before the start (or the first one), and the last sample, for smoothed the first at or after the end.</summary>
    private static (int First, int Last) Edges(ReadOnlySpan<long> times, in Window window, bool smoothed)
    {
        int last = times.Length - 1;
        int first = Math.Max(0, Search(times[..last], window.StartMs, inclusive: false) - 1);
        if (smoothed) last = Search(times[..last], window.EndMs, inclusive: true);
        return (first, last);
    }

    /// <summary>The first index whose time is after (inclusive: at or after) the bound; the length if there is none.</summary>
    private static int Search(ReadOnlySpan<long> times, long bound, bool inclusive)
    {
        int low = 0, high = times.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (inclusive ? times[middle] >= bound : times[middle] > bound) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private static double Interpolate(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int at, long timeMs, bool isCounter) =>
        Interpolation.Between(times[at], values[at], times[at + 1], values[at + 1], timeMs, isCounter);

    private static double Correction(double left, double right, ReadOnlySpan<double> between)
    {
        double correction = 0, previous = left;
        foreach (double value in between)
        {
            if (value < previous) correction += previous;
            previous = value;
        }

        if (right < previous) correction += previous;
        return correction;
    }

    private static bool HaveOneLayout(ReadOnlySpan<FloatHistogram> histograms, RangeScope scope, bool isCounter)
    {
        foreach (FloatHistogram histogram in histograms)
        {
            if (histogram.UsesCustomBuckets != histograms[0].UsesCustomBuckets)
            {
                scope.Annotate(AnnotationKind.MixedExponentialCustom);
                return false;
            }

            if (isCounter && histogram.CounterResetHint == CounterResetHint.Gauge) scope.Annotate(AnnotationKind.NotCounter);
        }

        return true;
    }

    /// <summary>Adds what was lost at resets between the edges; false if layouts do not fit.</summary>
    private static bool AddCorrection(
        FloatHistogram growth, ReadOnlySpan<FloatHistogram> histograms, ReadOnlySpan<long> times, int first, int last,
        FloatHistogram left, FloatHistogram right, long startMs, bool smoothed, RangeScope scope)
    {
        FloatHistogram previous = left;
        int from = first + 1;
        if (smoothed && times[first] < startMs && first + 1 < histograms.Length && histograms[first + 1].DetectReset(histograms[first]))
        {
            // The left edge was interpolated across this reset, so it is accounted for already.
            previous = histograms[first + 1];
            from++;
        }

        // The last sample is the right edge or the source of its hint: it is compared as the edge below, not twice.
        if (from > last) return true;
        FloatHistogram? correction = null;
        for (int i = from; i <= last; i++)
        {
            FloatHistogram current = i == last ? right : histograms[i];
            if (current.DetectReset(previous))
            {
                if (correction is null) correction = previous.Copy();
                else if (!HistogramRate.AddReported(correction, previous, scope)) return false;
            }

            previous = current;
        }

        return correction is null || HistogramRate.AddReported(growth, correction, scope);
    }
}

/// <summary>Values between two samples.</summary>
internal static class Interpolation
{
    /// <summary>Linear; a counter that fell between the two is taken to have started from zero.</summary>
    public static double Between(long time1, double value1, long time2, double value2, long timeMs, bool isCounter)
    {
        double x1 = value1;
        if (isCounter && value2 < value1) x1 = 0;
        return x1 + (value2 - x1) * (timeMs - time1) / (time2 - time1);
    }
}
