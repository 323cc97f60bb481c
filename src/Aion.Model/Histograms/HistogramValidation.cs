namespace Aion.Model;

/// <summary>Checks histograms that came from outside. Each check returns null, or what is wrong in Prometheus's words.</summary>
public static class HistogramValidation
{
    private const string BucketsMismatch = "histogram spans specify different number of buckets than provided";
    private const string NegativeOffset = "histogram has a span whose offset is negative";
    private const string NegativeBucket = "histogram has a bucket whose observation count is negative";

    /// <summary>Layout and signs. The count is not compared with the buckets, which rounding may part.</summary>
    public static string? Check(FloatHistogram histogram)
    {
        string? error = CheckLayout(
            histogram.Schema, histogram.ZeroThreshold, histogram.ZeroCount, histogram.CustomValues,
            new(histogram.PositiveSpans, histogram.PositiveBuckets.Length), new(histogram.NegativeSpans, histogram.NegativeBuckets.Length));
        if (error is not null) return error;
        if (FirstNegative(histogram.NegativeBuckets) is { } negative) return $"negative side: {negative}";
        if (histogram.ZeroCount < 0) return $"zero bucket has observation count of {GoFloat.ToGeneral(histogram.ZeroCount)}: {NegativeBucket}";
        if (histogram.Count < 0) return $"observation count is  {GoFloat.ToGeneral(histogram.Count)}: histogram's observation count is negative";
        return FirstNegative(histogram.PositiveBuckets) is { } positive ? $"positive side: {positive}" : null;
    }

    /// <summary>Layout, signs, and the count: equal to the observations in buckets, or at least that many when the sum is not a number.</summary>
    public static string? Check(Histogram histogram)
    {
        string? error = CheckLayout(
            histogram.Schema, histogram.ZeroThreshold, histogram.ZeroCount, histogram.CustomValues,
            new(histogram.PositiveSpans, histogram.PositiveBuckets.Length), new(histogram.NegativeSpans, histogram.NegativeBuckets.Length));
        if (error is not null) return error;
        ulong observed = histogram.ZeroCount;
        if (AddDeltas(histogram.NegativeBuckets, ref observed) is { } negative) return $"negative side: {negative}";
        if (AddDeltas(histogram.PositiveBuckets, ref observed) is { } positive) return $"positive side: {positive}";
        string found = FormattableString.Invariant($"{observed} observations found in buckets, but the Count field is {histogram.Count}: ");
        if (double.IsNaN(histogram.Sum))
            return observed > histogram.Count ? $"{found}histogram's observation count should be at least the number of observations found in the buckets" : null;
        return observed == histogram.Count
            ? null
            : $"{found}histogram's observation count should equal the number of observations found in the buckets (in absence of NaN)";
    }

    private static string? CheckLayout(int schema, double zeroThreshold, double zeroCount, double[] customValues, Side positive, Side negative)
    {
        if (HistogramBounds.IsCustom(schema))
        {
            if (CheckCustom(customValues, positive) is { } error) return $"custom buckets: {error}";
            if (zeroCount != 0) return "custom buckets: must have zero count of 0";
            if (zeroThreshold != 0) return "custom buckets: must have zero threshold of 0";
            if (negative.Spans.Length > 0) return "custom buckets: must not have negative spans";
            return negative.Buckets > 0 ? "custom buckets: must not have negative buckets" : null;
        }

        if (!HistogramBounds.IsExponential(schema))
            return FormattableString.Invariant($"histogram has an invalid schema, which must be between {HistogramBounds.MinExponentialSchema} and {HistogramBounds.MaxExponentialSchema} for exponential buckets, or {FloatHistogram.CustomBucketsSchema} for custom buckets, got schema {schema}");
        if (CheckSpans(positive, firstMayBeNegative: true) is { } positiveError) return $"positive side: {positiveError}";
        if (CheckSpans(negative, firstMayBeNegative: true) is { } negativeError) return $"negative side: {negativeError}";
        return customValues.Length > 0 ? "histogram with exponential schema must not have custom bounds" : null;
    }

    private static string? CheckCustom(double[] bounds, Side side)
    {
        for (var i = 0; i < bounds.Length; i++)
        {
            if (double.IsNaN(bounds[i])) return "histogram custom bounds must not be NaN";
            if (i > 0 && bounds[i] <= bounds[i - 1])
                return FormattableString.Invariant($"previous bound is {bounds[i - 1]:F6} and current is {bounds[i]:F6}: histogram custom bounds must be in strictly increasing order");
        }

        if (bounds.Length > 0 && double.IsPositiveInfinity(bounds[^1]))
            return "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite";
        if (CheckSpans(side, firstMayBeNegative: false) is { } error) return error;
        long covered = 0;
        foreach (var span in side.Spans) covered += span.Length + (long)span.Offset;
        return bounds.Length + 1 < covered
            ? FormattableString.Invariant($"only {bounds.Length} custom bounds defined which is insufficient to cover total span length of {covered}: histogram custom bounds are too few")
            : null;
    }

    private static string? CheckSpans(Side side, bool firstMayBeNegative)
    {
        long buckets = 0;
        for (var i = 0; i < side.Spans.Length; i++)
        {
            if (side.Spans[i].Offset < 0 && !(i == 0 && firstMayBeNegative))
                return FormattableString.Invariant($"span number {i + 1} with offset {side.Spans[i].Offset}: {NegativeOffset}");
            buckets += side.Spans[i].Length;
        }

        return buckets == side.Buckets
            ? null
            : FormattableString.Invariant($"spans need {buckets} buckets, have {side.Buckets} buckets: {BucketsMismatch}");
    }

    private static string? FirstNegative(double[] buckets)
    {
        for (var i = 0; i < buckets.Length; i++)
            if (buckets[i] < 0) return FormattableString.Invariant($"bucket number {i + 1} has observation count of {GoFloat.ToGeneral(buckets[i])}: {NegativeBucket}");
        return null;
    }

    private static string? AddDeltas(long[] deltas, ref ulong observed)
    {
        long count = 0;
        for (var i = 0; i < deltas.Length; i++)
        {
            count = unchecked(count + deltas[i]);
            if (count < 0) return FormattableString.Invariant($"bucket number {i + 1} has observation count of {count}: {NegativeBucket}");
            observed = unchecked(observed + (ulong)count);
        }

        return null;
    }

    private readonly record struct Side(BucketSpan[] Spans, int Buckets);
}
