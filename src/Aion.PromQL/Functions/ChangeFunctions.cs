using Aion.Model;

namespace Aion.PromQL;

/// <summary>changes and resets: how often the series changed its value, or fell, from sample to sample of either kind.</summary>
internal sealed class ChangeFunction(bool resets) : RangeFunction
{
    public override bool UsesStartTimestamps => resets;

    public override bool AllowsAnchored => true;

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        int i = 0, j = 0;
        if (scope.Call.Anchored && !Baseline(window, out i, out j)) return false;
        double count = 0;
        int previousFloat = -1, previousHistogram = -1;
        var any = false;
        while (i < window.Values.Length || j < window.Histograms.Length)
        {
            bool isFloat = j >= window.Histograms.Length || (i < window.Values.Length && window.Times[i] < window.HistogramTimes[j]);
            if (any)
            {
                if (isFloat ? previousFloat < 0 : previousHistogram < 0) count++;
                else if (isFloat ? FloatCounts(window, previousFloat, i) : HistogramCounts(window, previousHistogram, j)) count++;
            }

            any = true;
            (previousFloat, previousHistogram) = isFloat ? (i++, -1) : (-1, j++);
        }

        if (!any) return false;
        result.Float = count;
        return true;
    }

    /// <summary>anchored: the newest sample of either kind at or before the start is the first one compared. False: nothing lies after the start.</summary>
    private static bool Baseline(in Window window, out int firstFloat, out int firstHistogram)
    {
        firstFloat = FirstAfter(window.Times, window.StartMs);
        firstHistogram = FirstAfter(window.HistogramTimes, window.StartMs);
        if (firstFloat == window.Times.Length && firstHistogram == window.HistogramTimes.Length) return false;
        long floatBefore = firstFloat > 0 ? window.Times[firstFloat - 1] : long.MinValue;
        long histogramBefore = firstHistogram > 0 ? window.HistogramTimes[firstHistogram - 1] : long.MinValue;
        if (firstFloat > 0 && floatBefore > histogramBefore) firstFloat--;
        else if (firstHistogram > 0) firstHistogram--;
        return true;
    }

    private static int FirstAfter(ReadOnlySpan<long> times, long bound)
    {
        var i = 0;
        while (i < times.Length && times[i] <= bound) i++;
        return i;
    }

    private bool FloatCounts(in Window window, int previous, int current)
    {
        double before = window.Values[previous], now = window.Values[current];
        if (!resets) return now != before && !(double.IsNaN(now) && double.IsNaN(before));
        return now < before || (!window.Starts.IsEmpty && StartTimestamps.IsReset(
            window.Starts[previous], window.Times[previous], window.Starts[current], window.Times[current]));
    }

    private bool HistogramCounts(in Window window, int previous, int current)
    {
        FloatHistogram before = window.Histograms[previous], now = window.Histograms[current];
        if (!resets) return !now.BitEquals(before);
        return (!window.HistogramStarts.IsEmpty && StartTimestamps.IsReset(
            window.HistogramStarts[previous], window.HistogramTimes[previous], window.HistogramStarts[current], window.HistogramTimes[current]))
            || now.DetectReset(before);
    }
}

/// <summary>irate and idelta: the last two samples of the window.</summary>
internal sealed class InstantRateFunction(bool isRate) : RangeFunction
{
    public override bool UsesStartTimestamps => isRate;

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        int floats = window.Values.Length, histograms = window.Histograms.Length;
        if (floats + histograms < 2) return false;
        // Which kinds are the last two?
        int fromFloats = 0, fromHistograms = 0;
        while (fromFloats + fromHistograms < 2)
        {
            bool hasFloat = fromFloats < floats, hasHistogram = fromHistograms < histograms;
            bool takeFloat = hasFloat && (!hasHistogram || window.Times[floats - 1 - fromFloats] > window.HistogramTimes[histograms - 1 - fromHistograms]);
            if (takeFloat) fromFloats++;
            else fromHistograms++;
        }

        if (fromFloats == 2) return Floats(window, ref result);
        if (fromHistograms == 2) return Histograms(window, scope, ref result);
        if (window.Times[floats - 1] == window.HistogramTimes[histograms - 1]) return false;
        scope.Annotate(AnnotationKind.MixedFloatsHistograms);
        return false;
    }

    private bool Floats(in Window window, ref PointValue result)
    {
        ReadOnlySpan<double> values = window.Values;
        ReadOnlySpan<long> times = window.Times;
        long interval = times[^1] - times[^2];
        if (interval == 0) return false;
        bool reset = isRate && (values[^1] < values[^2]
            || (!window.Starts.IsEmpty && StartTimestamps.IsReset(window.Starts[^2], times[^2], window.Starts[^1], times[^1])));
        double value = reset ? values[^1] : values[^1] - values[^2];
        result.Float = isRate ? value / (interval / 1000.0) : value;
        return true;
    }

    private bool Histograms(in Window window, RangeScope scope, ref PointValue result)
    {
        ReadOnlySpan<long> times = window.HistogramTimes;
        FloatHistogram last = window.Histograms[^1], previous = window.Histograms[^2];
        long interval = times[^1] - times[^2];
        if (interval == 0) return false;
        bool bothGauges = last.CounterResetHint == CounterResetHint.Gauge && previous.CounterResetHint == CounterResetHint.Gauge;
        bool anyGauge = last.CounterResetHint == CounterResetHint.Gauge || previous.CounterResetHint == CounterResetHint.Gauge;
        if (isRate && anyGauge) scope.Annotate(AnnotationKind.NotCounter);
        if (!isRate && !bothGauges) scope.Annotate(AnnotationKind.NotGauge);
        FloatHistogram growth = last.Copy();
        bool reset = isRate && ((!window.HistogramStarts.IsEmpty && StartTimestamps.IsReset(
            window.HistogramStarts[^2], times[^2], window.HistogramStarts[^1], times[^1])) || last.DetectReset(previous));
        if (!reset && !HistogramRate.SubtractReported(growth, previous, scope)) return false;
        growth.CounterResetHint = CounterResetHint.Gauge;
        growth.Compact();
        if (isRate) growth.Divide(interval / 1000.0);
        result.Histogram = growth;
        return true;
    }
}
