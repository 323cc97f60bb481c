namespace Aion.Model.Tests;

/// <summary>Short ways to write histograms in tests.</summary>
internal static class Histograms
{
    public static FloatHistogram Exponential(int schema, int offset, params double[] buckets) => Exponential(schema, offset, buckets, 0, []);

    public static FloatHistogram Exponential(int schema, int offset, double[] buckets, int negativeOffset, double[] negative) => new()
    {
        Schema = schema,
        Count = buckets.Sum() + negative.Sum(),
        Sum = buckets.Sum() * 2,
        PositiveSpans = Spans(offset, buckets),
        PositiveBuckets = buckets,
        NegativeSpans = Spans(negativeOffset, negative),
        NegativeBuckets = negative,
    };

    public static FloatHistogram Custom(double[] bounds, params double[] buckets) => new()
    {
        Schema = FloatHistogram.CustomBucketsSchema,
        CustomValues = bounds,
        Count = buckets.Sum(),
        Sum = buckets.Sum() * 2,
        PositiveSpans = Spans(0, buckets),
        PositiveBuckets = buckets,
    };

    public static FloatHistogram WithZero(this FloatHistogram histogram, double threshold, double count)
    {
        histogram.ZeroThreshold = threshold;
        histogram.ZeroCount = count;
        histogram.Count += count;
        return histogram;
    }

    /// <summary>A histogram with gaps, populated at the given indices.</summary>
    public static FloatHistogram Sparse(int schema, IReadOnlyDictionary<int, double> positive, IReadOnlyDictionary<int, double> negative)
    {
        var histogram = new FloatHistogram { Schema = schema, Count = positive.Values.Sum() + negative.Values.Sum() };
        (histogram.PositiveSpans, histogram.PositiveBuckets) = Layout(positive);
        (histogram.NegativeSpans, histogram.NegativeBuckets) = Layout(negative);
        return histogram;
    }

    public static Dictionary<int, double> Counts(BucketEnumerator buckets)
    {
        var counts = new Dictionary<int, double>();
        while (buckets.MoveNext())
            if (buckets.CurrentCount != 0) counts.Add(buckets.CurrentIndex, buckets.CurrentCount);
        return counts;
    }

    private static BucketSpan[] Spans(int offset, double[] buckets) => buckets.Length == 0 ? [] : [new BucketSpan(offset, (uint)buckets.Length)];

    private static (BucketSpan[] Spans, double[] Counts) Layout(IReadOnlyDictionary<int, double> buckets)
    {
        var spans = new List<BucketSpan>();
        int? last = null;
        foreach (int index in buckets.Keys.Order())
        {
            spans.Add(new BucketSpan(last is null ? index : index - last.Value - 1, 1));
            last = index;
        }

        return ([.. spans], [.. buckets.Keys.Order().Select(i => buckets[i])]);
    }
}
