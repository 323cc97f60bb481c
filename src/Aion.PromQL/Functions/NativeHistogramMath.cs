using Aion.Model;

namespace Aion.PromQL;

/// <summary>What NaN observations did to an answer.</summary>
internal enum NaNObservations
{
    None,
    ResultIsNaN,
    Skewed,
    Excluded,
}

/// <summary>Quantiles and fractions of native histograms.</summary>
internal static class NativeHistogramMath
{
    public static double Quantile(double q, FloatHistogram h, out NaNObservations observations)
    {
        observations = NaNObservations.None;
        if (q < 0) return double.NegativeInfinity;
        if (q > 1) return double.PositiveInfinity;
        if (h.Count == 0 || double.IsNaN(q)) return double.NaN;

        // From the nearer end, unless NaN observations sit above all buckets and spoil the view from the top.
        bool upwards = double.IsNaN(h.Sum) || q < 0.5;
        double rank = upwards ? q * h.Count : (1 - q) * h.Count;
        AllBucketEnumerator buckets = upwards ? h.EnumerateAll() : h.EnumerateAllReversed();
        double cumulative = 0;
        HistogramBucket bucket = default;
        while (buckets.MoveNext())
        {
            bucket = buckets.Current;
            if (bucket.Count == 0) continue;
            cumulative += bucket.Count;
            if (cumulative >= rank) break;
        }

        (double lower, double upper) = Edges(bucket, h);
        if (h.UsesCustomBuckets)
        {
            if (double.IsNegativeInfinity(lower))
            {
                if (upper <= 0) return upper;
                lower = 0;
            }
            else if (double.IsPositiveInfinity(upper))
            {
                return lower;
            }
        }

        cumulative = Math.Min(cumulative, h.Count);
        if (cumulative < rank)
        {
            if (!double.IsNaN(h.Sum)) return upper;
            observations = NaNObservations.ResultIsNaN;
            return double.NaN;
        }

        double inBucket = upwards ? rank - (cumulative - bucket.Count) : cumulative - rank;
        if (double.IsNaN(h.Sum))
        {
            // Looking for more observations than the buckets hold walks on, and the answer then comes from the last bucket: so it does upstream.
            while (buckets.MoveNext())
            {
                bucket = buckets.Current;
                (lower, upper) = (bucket.Lower, bucket.Upper);
                cumulative += bucket.Count;
            }

            if (cumulative < h.Count) observations = NaNObservations.Skewed;
        }


        return Interpolate(lower, upper, inBucket / bucket.Count, h.UsesCustomBuckets);
    }

    public static double Fraction(double lower, double upper, FloatHistogram h, out NaNObservations observations)
    {
        observations = NaNObservations.None;
        if (h.Count == 0 || double.IsNaN(lower) || double.IsNaN(upper)) return double.NaN;
        if (lower >= upper) return 0;
        double rank = 0, total = 0;
        double? lowerRank = null, upperRank = null;
        AllBucketEnumerator buckets = h.EnumerateAll();
        while (buckets.MoveNext())
        {
            HistogramBucket bucket = buckets.Current;
            total += bucket.Count;
            bool linear = h.UsesCustomBuckets || (bucket.Lower <= 0 && bucket.Upper >= 0);
            if (bucket.Lower <= 0 && bucket.Upper >= 0)
            {
                if (h.NegativeBuckets.Length == 0 && h.PositiveBuckets.Length > 0) bucket = bucket with { Lower = 0 };
                else if (h.PositiveBuckets.Length == 0 && h.NegativeBuckets.Length > 0) bucket = bucket with { Upper = 0 };
            }

            lowerRank ??= RankAt(lower, bucket, rank, linear);
            upperRank ??= RankAt(upper, bucket, rank, linear);
            if (lowerRank is not null && upperRank is not null) break;
            rank += bucket.Count;
        }

        if (double.IsNaN(h.Sum))
        {
            while (buckets.MoveNext()) total += buckets.Current.Count;
            if (total < h.Count) observations = NaNObservations.Excluded;
        }
        else
        {
            total = h.Count;
        }

        double low = lowerRank is { } l && !(l > total) ? l : total;
        double high = upperRank is { } u && !(u > total) ? u : total;
        return (high - low) / h.Count;
    }

    private static (double Lower, double Upper) Edges(HistogramBucket bucket, FloatHistogram h)
    {
        if (h.UsesCustomBuckets || !(bucket.Lower < 0 && bucket.Upper > 0)) return (bucket.Lower, bucket.Upper);
        if (h.NegativeBuckets.Length == 0 && h.PositiveBuckets.Length > 0) return (0, bucket.Upper);
        if (h.PositiveBuckets.Length == 0 && h.NegativeBuckets.Length > 0) return (bucket.Lower, 0);
        return (bucket.Lower, bucket.Upper);
    }

    private static double Interpolate(double lower, double upper, double fraction, bool custom)
    {
        if (custom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
        double logLower = GoMath.Log2(Math.Abs(lower)), logUpper = GoMath.Log2(Math.Abs(upper));
        if (lower > 0) return GoElementary.Exp2(logLower + (logUpper - logLower) * fraction);
        return -GoElementary.Exp2(logUpper + (logLower - logUpper) * (1 - fraction));
    }

    /// <summary>The observations below a value if it lies at the lower bound of this bucket, below it or inside; else null.</summary>
    private static double? RankAt(double value, HistogramBucket bucket, double rank, bool linear)
    {
        if (bucket.Lower >= value) return rank;
        if (!(bucket.Upper > value)) return null;
        // Nothing can be interpolated in a bucket without a lower bound.
        if (linear && double.IsNegativeInfinity(bucket.Lower)) return bucket.Count;
        return rank + bucket.Count * bucket.FractionBelow(value, linear);
    }
}
