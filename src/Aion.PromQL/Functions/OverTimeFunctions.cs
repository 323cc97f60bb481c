using Aion.Model;

namespace Aion.PromQL;

/// <summary>sum_over_time and avg_over_time; a window of histograms gives a histogram.</summary>
internal sealed class SumOverTimeFunction(bool mean) : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.IsMixed)
        {
            scope.Annotate(AnnotationKind.MixedFloatsHistograms);
            return false;
        }

        if (window.Histograms.Length > 0) return Histograms(window.Histograms, scope, ref result);
        result.Float = mean ? Kahan.Mean(window.Values) : Kahan.Sum(window.Values);
        return true;
    }

    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        FloatWindows.Sum(values, windows, row, mean);
        return true;
    }

    private bool Histograms(ReadOnlySpan<FloatHistogram> histograms, RangeScope scope, ref PointValue result)
    {
        var sum = new HistogramSum(mean);
        foreach (FloatHistogram histogram in histograms)
            if (!sum.Add(histogram)) break;
        if (sum.IsIncompatible) scope.Annotate(AnnotationKind.MixedExponentialCustom);
        if (sum.Reconciled) scope.AnnotateOperation(AnnotationKind.MismatchedCustomBuckets, "aggregation");
        if (sum.HasCollision) scope.AnnotateOperation(AnnotationKind.CounterResetCollision, "aggregation");
        if (sum.IsIncompatible) return false;
        result.Histogram = sum.Result(compact: false);
        return true;
    }
}

/// <summary>count_over_time and present_over_time, over samples of both kinds.</summary>
internal sealed class CountOverTimeFunction(bool presence) : RangeFunction
{
    public override RangeFunction? OverCounts { get; } = presence ? null : new SumOverTimeFunction(mean: false);

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        result.Float = presence ? 1 : window.Values.Length + window.Histograms.Length;
        return true;
    }

    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        if (presence) FloatWindows.Run(values, windows, row, default(PresenceKernel));
        else FloatWindows.Run(values, windows, row, default(CountKernel));
        return true;
    }

    private readonly struct CountKernel : IFloatKernel
    {
        public double Evaluate(ReadOnlySpan<double> values) => values.Length;
    }

    private readonly struct PresenceKernel : IFloatKernel
    {
        public double Evaluate(ReadOnlySpan<double> values) => 1;
    }
}

/// <summary>min_over_time, max_over_time and the times of the last such value.</summary>
internal sealed class ExtremeOverTimeFunction(bool max, bool timestamp) : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Values.IsEmpty) return false;
        if (window.IsMixed) scope.Annotate(AnnotationKind.HistogramIgnoredInMixedRange);
        result.Float = Extreme(window.Times, window.Values);
        return true;
    }

    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        if (timestamp) return false;
        WindowExtremes.Fill(values, windows, row, scope.Arrays, max);
        return true;
    }

    private static double Max(ReadOnlySpan<double> values)
    {
        double extreme = values[0];
        foreach (double value in values)
            if (value > extreme || double.IsNaN(extreme)) extreme = value;
        return extreme;
    }

    private static double Min(ReadOnlySpan<double> values)
    {
        double extreme = values[0];
        foreach (double value in values)
            if (value < extreme || double.IsNaN(extreme)) extreme = value;
        return extreme;
    }

    private double Extreme(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        if (!timestamp) return max ? Max(values) : Min(values);
        double extreme = values[0];
        long at = times[0];
        for (var i = 0; i < values.Length; i++)
        {
            // The last of several equal ones wins.
            if (!((max ? values[i] >= extreme : values[i] <= extreme) || double.IsNaN(extreme))) continue;
            extreme = values[i];
            at = times[i];
        }

        return at / 1000.0;
    }
}

/// <summary>first_over_time, last_over_time and the times of these samples.</summary>
internal sealed class EdgeOverTimeFunction(bool last, bool timestamp) : RangeFunction
{
    public override bool KeepsName => !timestamp;

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        bool histogram;
        if (window.Histograms.IsEmpty) histogram = false;
        else if (window.Values.IsEmpty) histogram = true;
        else if (last) histogram = window.HistogramTimes[^1] >= window.Times[^1];
        else histogram = window.HistogramTimes[0] <= window.Times[0];
        int at = !last ? 0 : histogram ? window.Histograms.Length - 1 : window.Values.Length - 1;
        if (timestamp) result.Float = (histogram ? window.HistogramTimes[at] : window.Times[at]) / 1000.0;
        else if (histogram) result.Histogram = window.Histograms[at].Copy();
        else result.Float = window.Values[at];
        return true;
    }

    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        if (timestamp || !last) return false;
        FloatWindows.Run(values, windows, row, default(LastKernel));
        return true;
    }

    private readonly struct LastKernel : IFloatKernel
    {
        public double Evaluate(ReadOnlySpan<double> values) => values[^1];
    }
}

/// <summary>quantile_over_time, with the quantile as a scalar of each step.</summary>
internal sealed class QuantileOverTimeFunction : RangeFunction
{
    public override bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row)
    {
        double[] quantiles = scope.Call.Scalars[0];
        for (var step = 0; step < windows.Count; step++)
            if (windows.Low[step] < windows.High[step]) scope.Call.NoteQuantile(quantiles[step]);
        WindowQuantiles.Fill(values, windows, row, scope.Arrays, quantiles);
        return true;
    }

    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Values.IsEmpty) return false;
        double q = scope.Call.Scalars[0][window.Step];
        scope.Call.NoteQuantile(q);
        if (window.IsMixed)
            scope.Call.Annotations.Add(AnnotationKind.HistogramIgnoredInMixedRange, scope.Call.FirstPosition, scope.MetricName);
        Span<double> scratch = scope.Scratch(window.Values.Length);
        window.Values.CopyTo(scratch);
        result.Float = Quantiles.Of(q, scratch);
        return true;
    }
}

/// <summary>mad_over_time: the median of the distances from the median.</summary>
internal sealed class MadOverTimeFunction : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Values.IsEmpty) return false;
        if (window.IsMixed) scope.Annotate(AnnotationKind.HistogramIgnoredInMixedRange);
        Span<double> scratch = scope.Scratch(window.Values.Length);
        window.Values.CopyTo(scratch);
        foreach (double value in scratch)
        {
            if (!double.IsNaN(value)) continue;
            result.Float = double.NaN;
            return true;
        }

        double median = Quantiles.Of(0.5, scratch);
        foreach (ref double value in scratch) value = Math.Abs(value - median);
        result.Float = Quantiles.Of(0.5, scratch);
        return true;
    }
}

/// <summary>stddev_over_time and stdvar_over_time: population variance, compensated.</summary>
internal sealed class VarianceOverTimeFunction(bool deviation) : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Values.IsEmpty) return false;
        if (window.IsMixed) scope.Annotate(AnnotationKind.HistogramIgnoredInMixedRange);
        double count = 0, mean = 0, meanCompensation = 0, squares = 0, squaresCompensation = 0;
        foreach (double value in window.Values)
        {
            count++;
            double delta = value - (mean + meanCompensation);
            Kahan.Add(delta / count, ref mean, ref meanCompensation);
            Kahan.Add(delta * (value - (mean + meanCompensation)), ref squares, ref squaresCompensation);
        }

        double variance = (squares + squaresCompensation) / count;
        result.Float = deviation ? Math.Sqrt(variance) : variance;
        return true;
    }
}
