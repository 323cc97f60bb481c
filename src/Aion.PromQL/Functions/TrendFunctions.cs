using System.Globalization;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>deriv and predict_linear: the least-squares line through the floats of the window.</summary>
internal sealed class LinearRegressionFunction(bool predict) : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        if (window.Values.Length > 0 && window.Histograms.Length > 0) scope.Annotate(AnnotationKind.HistogramIgnoredInMixedRange);
        if (window.Values.Length < 2) return false;
        if (predict)
        {
            (double slope, double intercept) = Line(window.Times, window.Values, window.EvaluationMs);
            result.Float = slope * scope.Call.Scalars[0][window.Step] + intercept;
        }
        else
        {
            result.Float = Line(window.Times, window.Values, window.Times[0]).Slope;
        }

        return true;
    }

    private static (double Slope, double Intercept) Line(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long originMs)
    {
        double n = 0, sumX = 0, cX = 0, sumY = 0, cY = 0, sumXY = 0, cXY = 0, sumX2 = 0, cX2 = 0;
        double first = values[0];
        var constant = true;
        for (var i = 0; i < values.Length; i++)
        {
            if (constant && i > 0 && values[i] != first) constant = false;
            n++;
            double x = (times[i] - originMs) / 1e3;
            Kahan.Add(x, ref sumX, ref cX);
            Kahan.Add(values[i], ref sumY, ref cY);
            Kahan.Add(x * values[i], ref sumXY, ref cXY);
            Kahan.Add(x * x, ref sumX2, ref cX2);
        }

        if (constant) return double.IsInfinity(first) ? (double.NaN, double.NaN) : (0, first);
        sumX += cX;
        sumY += cY;
        sumXY += cXY;
        sumX2 += cX2;
        double covariance = sumXY - sumX * sumY / n;
        double variance = sumX2 - sumX * sumX / n;
        double slope = covariance / variance;
        return (slope, sumY / n - slope * sumX / n);
    }
}

/// <summary>double_exponential_smoothing, also known as Holt-Winters without a season.</summary>
internal sealed class DoubleExponentialSmoothingFunction : RangeFunction
{
    public override bool Evaluate(in Window window, RangeScope scope, ref PointValue result)
    {
        double smoothing = Checked(scope.Call.Scalars[0][window.Step], "smoothing", "sf");
        double trendFactor = Checked(scope.Call.Scalars[1][window.Step], "trend", "tf");
        ReadOnlySpan<double> values = window.Values;
        if (window.IsMixed) scope.Annotate(AnnotationKind.HistogramIgnoredInMixedRange);
        if (values.Length < 2) return false;
        double previous = 0, smoothed = values[0], trend = values[1] - values[0];
        for (var i = 1; i < values.Length; i++)
        {
            double x = smoothing * values[i];
            if (i > 1) trend = trendFactor * (smoothed - previous) + (1 - trendFactor) * trend;
            double y = (1 - smoothing) * (smoothed + trend);
            previous = smoothed;
            smoothed = x + y;
        }

        result.Float = smoothed;
        return true;
    }

    private static double Checked(double factor, string name, string symbol)
    {
        if (factor is <= 0 or >= 1)
        {
            string text = double.IsFinite(factor) ? factor.ToString("F6", CultureInfo.InvariantCulture) : GoFloat.ToGeneral(factor);
            throw PromQLException.Execution($"invalid {name} factor. Expected: 0 < {symbol} < 1, got: {text}");
        }

        return factor;
    }
}
