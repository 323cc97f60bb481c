namespace Aion.PromQL;

/// <summary>One bucket of a classic histogram: cumulative count up to the bound.</summary>
internal record struct ClassicBucket(double UpperBound, double Count);

/// <summary>Quantiles and fractions of classic histograms. The buckets come in any order and are changed.</summary>
internal static class ClassicHistogramMath
{
    private const double SmallDelta = 1e-12;

    /// <summary>The q-quantile, and how the counts had to be repaired if they fell somewhere.</summary>
    public static double Quantile(double q, Span<ClassicBucket> buckets, long timeMs, out MonotonicityRepair? repair)
    {
        repair = null;
        if (double.IsNaN(q)) return double.NaN;
        if (q < 0) return double.NegativeInfinity;
        if (q > 1) return double.PositiveInfinity;
        if (!SortAndMerge(ref buckets)) return double.NaN;
        repair = MakeMonotonic(buckets, timeMs);
        if (buckets.Length < 2) return double.NaN;
        double observations = buckets[^1].Count;
        if (observations == 0) return double.NaN;
        double rank = q * observations;
        int at = Search(buckets[..^1], rank);
        if (at == buckets.Length - 1) return buckets[^2].UpperBound;
        if (at == 0 && buckets[0].UpperBound <= 0) return buckets[0].UpperBound;
        double start = 0, end = buckets[at].UpperBound, count = buckets[at].Count;
        if (at > 0)
        {
            start = buckets[at - 1].UpperBound;
            count -= buckets[at - 1].Count;
            rank -= buckets[at - 1].Count;
        }

        return start + (end - start) * (rank / count);
    }

    /// <summary>The share of observations between two values.</summary>
    public static double Fraction(double lower, double upper, Span<ClassicBucket> buckets)
    {
        if (!SortAndMerge(ref buckets)) return double.NaN;
        double total = buckets[^1].Count;
        if (total == 0 || double.IsNaN(lower) || double.IsNaN(upper)) return double.NaN;
        if (lower >= upper) return 0;
        double rank = 0, start = buckets[0].UpperBound <= 0 ? double.NegativeInfinity : 0;
        double? lowerRank = null, upperRank = null;
        foreach (ClassicBucket bucket in buckets)
        {
            lowerRank ??= RankAt(lower, start, bucket, rank);
            upperRank ??= RankAt(upper, start, bucket, rank);
            if (lowerRank is not null && upperRank is not null) break;
            rank = bucket.Count;
            start = bucket.UpperBound;
        }

        double low = lowerRank is { } l && !(l > total) ? l : total;
        double high = upperRank is { } u && !(u > total) ? u : total;
        return (high - low) / total;
    }

    private static double? RankAt(double value, double start, ClassicBucket bucket, double rank)
    {
        if (start >= value) return rank;
        if (!(bucket.UpperBound > value)) return null;
        if (double.IsNegativeInfinity(start)) return bucket.Count;
        return rank + (bucket.Count - rank) * (value - start) / (bucket.UpperBound - start);
    }

    /// <summary>Sorts by bound and adds up equal bounds. False: the +Inf bucket is missing.</summary>
    private static bool SortAndMerge(ref Span<ClassicBucket> buckets)
    {
        // An insertion sort is stable and quick for input that mostly comes in order.
        for (var i = 1; i < buckets.Length; i++)
        {
            ClassicBucket bucket = buckets[i];
            int at = i - 1;
            for (; at >= 0 && buckets[at].UpperBound > bucket.UpperBound; at--) buckets[at + 1] = buckets[at];
            buckets[at + 1] = bucket;
        }

        if (!double.IsPositiveInfinity(buckets[^1].UpperBound)) return false;
        var last = 0;
        for (var i = 1; i < buckets.Length; i++)
        {
            if (buckets[i].UpperBound == buckets[last].UpperBound) buckets[last].Count += buckets[i].Count;
            else buckets[++last] = buckets[i];
        }

        buckets = buckets[..(last + 1)];
        return true;
    }

    private static MonotonicityRepair? MakeMonotonic(Span<ClassicBucket> buckets, long timeMs)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity, difference = 0;
        var forced = false;
        double previous = buckets[0].Count;
        for (var i = 1; i < buckets.Length; i++)
        {
            double count = buckets[i].Count;
            if (count == previous) continue;
            if (AlmostEqual(previous, count))
            {
                buckets[i].Count = previous;
            }
            else if (count < previous)
            {
                buckets[i].Count = previous;
                forced = true;
                min = Math.Min(min, buckets[i].UpperBound);
                max = Math.Max(max, buckets[i].UpperBound);
                difference = Math.Max(difference, previous - count);
            }
            else
            {
                previous = count;
            }
        }

        return forced ? new MonotonicityRepair(min, max, difference, 1, timeMs, timeMs) : null;
    }

    private static bool AlmostEqual(double a, double b)
    {
        const double MinNormal = 2.2250738585072014e-308;
        if (double.IsNaN(a) && double.IsNaN(b)) return true;
        if (a == b) return true;
        double sum = Math.Abs(a) + Math.Abs(b), difference = Math.Abs(a - b);
        if (a == 0 || b == 0 || sum < MinNormal) return difference < SmallDelta * MinNormal;
        return difference / Math.Min(sum, double.MaxValue) < SmallDelta;
    }

    private static int Search(ReadOnlySpan<ClassicBucket> buckets, double rank)
    {
        int low = 0, high = buckets.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (buckets[middle].Count >= rank) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
