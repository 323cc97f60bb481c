namespace Aion.Model;

/// <summary>One bucket with its interval; a bound is part of the interval where it is marked inclusive.</summary>
/// <param name="Index">Index within schema and sign; 0 and meaningless for the zero bucket.</param>
public readonly record struct HistogramBucket(
    double Lower, double Upper, bool LowerInclusive, bool UpperInclusive, double Count, int Index)
{
    /// <summary>
    /// The part of the bucket's width at or below <paramref name="value"/>, <c>(0, 1)</c>; meaningful for finite bounds with the value strictly between.
    /// </summary>
    /// <param name="linear">True for custom buckets and the zero bucket; others are interpolated on a logarithmic scale.</param>
    public double FractionBelow(double value, bool linear)
    {
        if (linear) return (value - Lower) / (Upper - Lower);
        double lower = GoMath.Log2(Math.Abs(Lower)), upper = GoMath.Log2(Math.Abs(Upper)), at = GoMath.Log2(Math.Abs(value));
        return value > 0 ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper));
    }

    /// <summary>As Prometheus prints it: <c>(1,2]:4</c>.</summary>
    public override string ToString() =>
        $"{(LowerInclusive ? '[' : '(')}{GoFloat.ToGeneral(Lower)},{GoFloat.ToGeneral(Upper)}{(UpperInclusive ? ']' : ')')}:{GoFloat.ToGeneral(Count)}";
}
