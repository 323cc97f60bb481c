namespace Aion.Model;

/// <summary>The trim operators <c>&lt;/</c> and <c>&gt;/</c>.</summary>
public sealed partial class FloatHistogram
{
    /// <summary>
    /// Keeps the observations below (or above) a value. A bucket that the value cuts is split by interpolation. When anything goes, count and
    /// sum are computed anew from what is left, the sum from the middles of the buckets; otherwise nothing changes.
    /// </summary>
    public FloatHistogram Trim(double value, bool keepBelow)
    {
        var trim = new Trimming(value, keepBelow, UsesCustomBuckets);
        bool hasPositive = trim.Side(EnumeratePositive(), PositiveBuckets, positive: true);
        bool hasNegative = trim.Side(EnumerateNegative(), NegativeBuckets, positive: false);
        if (ZeroCount > 0 && !UsesCustomBuckets) ZeroCount = trim.Zero(ZeroBucket, hasPositive, hasNegative);
        if (!trim.Changed) return this;
        Count = trim.Count;
        Sum = trim.Sum;
        return Compact();
    }

    private struct Trimming(double value, bool keepBelow, bool custom)
    {
        public double Count { get; private set; }

        public double Sum { get; private set; }

        public bool Changed { get; private set; }

        /// <summary>Returns whether the side had any populated bucket.</summary>
        public bool Side(BucketEnumerator buckets, double[] counts, bool positive)
        {
            bool populated = false;
            while (buckets.MoveNext())
            {
                if (buckets.CurrentCount == 0) continue;
                populated = true;
                HistogramBucket bucket = buckets.Current;
                (double kept, double middle) = Split(bucket, positive);
                Keep(bucket.Count, kept, middle);
                counts[buckets.CurrentPosition] = kept;
            }

            return populated;
        }

        public double Zero(HistogramBucket zero, bool hasPositive, bool hasNegative)
        {
            // With observations on one side only, the zero bucket is taken to reach to that side only.
            double lower = hasPositive && !hasNegative ? 0 : zero.Lower, upper = hasNegative && !hasPositive ? 0 : zero.Upper;
            (double kept, double middle) = (0, 0);
            if (keepBelow ? value >= upper && !(value <= lower) : value <= lower) (kept, middle) = (zero.Count, (lower + upper) / 2);
            else if (keepBelow ? value <= lower : value >= upper) (kept, middle) = (0, 0);
            else if (keepBelow) (kept, middle) = (zero.Count * ((value - lower) / (upper - lower)), (lower + value) / 2);
            else (kept, middle) = (zero.Count * ((upper - value) / (upper - lower)), (value + upper) / 2);
            Keep(zero.Count, kept, middle);
            return kept;
        }

        private void Keep(double before, double kept, double middle)
        {
            Count += kept;
            Sum += middle * kept;
            if (before != kept) Changed = true;
        }

        private readonly (double Kept, double Middle) Split(HistogramBucket bucket, bool positive)
        {
            bool whole = keepBelow ? bucket.Upper <= value : bucket.Lower >= value;
            if (whole) return (bucket.Count, Middle(bucket.Lower, bucket.Upper, positive));
            bool cut = keepBelow ? bucket.Lower < value : bucket.Upper > value;
            if (!cut) return (0, 0);
            if (double.IsNegativeInfinity(bucket.Lower)) return SplitFromMinusInfinity(bucket);
            if (double.IsPositiveInfinity(bucket.Upper)) return keepBelow ? (0, 0) : (value >= bucket.Lower ? bucket.Count : 0, value);
            double below = value <= bucket.Lower ? 0 : value >= bucket.Upper ? bucket.Count : bucket.Count * bucket.FractionBelow(value, custom);
            return keepBelow ? (below, Middle(bucket.Lower, value, positive)) : (bucket.Count - below, Middle(value, bucket.Upper, positive));
        }

        /// <summary>How observations spread over an unbounded bucket is not known: it starts at 0 when that makes sense, else it is all or nothing.</summary>
        private readonly (double Kept, double Middle) SplitFromMinusInfinity(HistogramBucket bucket)
        {
            double upper = bucket.Upper;
            bool finite = !double.IsPositiveInfinity(upper);
            if (keepBelow)
            {
                if (value > 0 && upper > 0 && finite) return (bucket.Count * value / upper, value / 2);
                return upper <= 0 ? (bucket.Count, value) : (0, 0);
            }

            if (value <= bucket.Lower) return (bucket.Count, 0);
            return value >= 0 && upper > value && finite ? (bucket.Count * (1 - (value / upper)), (value + upper) / 2) : (0, 0);
        }

        /// <summary>Where the observations of an interval are taken to lie: its geometric middle, the arithmetic one for custom buckets.</summary>
        private readonly double Middle(double lower, double upper, bool positive)
        {
            if (double.IsInfinity(lower)) return double.IsInfinity(upper) ? 0 : upper > 0 ? upper / 2 : upper;
            if (double.IsInfinity(upper)) return lower;
            if (custom) return (lower + upper) / 2;
            double geometric = Math.Sqrt(Math.Abs(lower * upper));
            return positive ? geometric : -geometric;
        }
    }
}
