using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>When an answer counts as the expected one.</summary>
internal static class ScriptComparison
{
    /// <summary>How far values may be apart that were written by hand, relative to their size.</summary>
    public const double ByHand = 1e-6;

    /// <summary>How far recorded values may be apart: those of stddev and stdvar, which depend on the order of series. The others are equal.</summary>
    public const double Recorded = 1e-15;

    private const double MinNormal = 2.2250738585072014e-308;

    public static bool Same(double a, double b, double tolerance)
    {
        if (StaleMarker.Is(a) || StaleMarker.Is(b)) return StaleMarker.Is(a) && StaleMarker.Is(b);
        if (double.IsNaN(a) && double.IsNaN(b)) return true;
        if (a == b) return true;
        double sum = Math.Abs(a) + Math.Abs(b), difference = Math.Abs(a - b);
        if (a == 0 || b == 0 || sum < MinNormal) return difference < tolerance * MinNormal;
        return difference / Math.Min(sum, double.MaxValue) < tolerance;
    }

    /// <summary>Null if the point is the expected one, else what differs.</summary>
    public static string? Difference(SequenceValue expected, ResultPoint actual, double tolerance)
    {
        if (expected.Histogram is null != actual.Histogram is null)
            return $"expected {Text(expected)}, got {(actual.Histogram is null ? actual.Value.ToString("R", null) : actual.Histogram.ToTestExpression())}";
        if (expected.Histogram is null)
            return Same(expected.Value, actual.Value, tolerance) ? null : FormattableString.Invariant($"expected {expected.Value:R}, got {actual.Value:R}");
        FloatHistogram a = expected.Histogram.Copy().Compact(), b = actual.Histogram!.Copy().Compact();
        bool hint = !expected.CounterResetHintSet || a.CounterResetHint == b.CounterResetHint;
        bool same = hint && a.Schema == b.Schema && a.ZeroThreshold == b.ZeroThreshold && a.CustomValues.AsSpan().SequenceEqual(b.CustomValues)
            && Same(a.Count, b.Count, tolerance) && Same(a.Sum, b.Sum, tolerance) && Same(a.ZeroCount, b.ZeroCount, tolerance)
            && SameBuckets(a.EnumeratePositive(), b.EnumeratePositive(), tolerance) && SameBuckets(a.EnumerateNegative(), b.EnumerateNegative(), tolerance);
        return same ? null : $"expected {a.ToTestExpression()}, got {b.ToTestExpression()}";
    }

    private static string Text(SequenceValue value) =>
        value.Histogram is { } h ? h.ToTestExpression() : FormattableString.Invariant($"{value.Value:R}");

    private static bool SameBuckets(BucketEnumerator a, BucketEnumerator b, double tolerance)
    {
        while (true)
        {
            bool moreA = a.MoveNext(), moreB = b.MoveNext();
            if (moreA != moreB) return false;
            if (!moreA) return true;
            if (a.CurrentIndex != b.CurrentIndex || !Same(a.CurrentCount, b.CurrentCount, tolerance)) return false;
        }
    }
}
