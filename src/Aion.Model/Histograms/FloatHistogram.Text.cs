using System.Text;

namespace Aion.Model;

public sealed partial class FloatHistogram
{
    /// <summary>As PromQL shows histograms in text: <c>{count:7, sum:3.5, [-2,-1):1, [-0.1,0.1]:2, (1,2]:4}</c>, empty buckets left out.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{count:").Append(GoFloat.ToGeneral(Count)).Append(", sum:").Append(GoFloat.ToGeneral(Sum));
        AppendPopulated(text, EnumerateNegativeReversed());
        if (ZeroCount != 0 && !UsesCustomBuckets) text.Append(", ").Append(ZeroBucket);
        AppendPopulated(text, EnumeratePositive());
        return text.Append('}').ToString();
    }

    /// <summary>
    /// As the test scripts write histograms: <c>{{schema:1 count:3 sum:5 buckets:[1 2]}}</c>. Fields at their default are left out; gaps are
    /// written as empty buckets.
    /// </summary>
    public string ToTestExpression()
    {
        FloatHistogram h = Copy().Compact(int.MaxValue);
        var parts = new List<string>();
        if (h.Schema != 0) parts.Add(FormattableString.Invariant($"schema:{h.Schema}"));
        AddNumber(parts, "count", h.Count);
        AddNumber(parts, "sum", h.Sum);
        AddNumber(parts, "z_bucket", h.ZeroCount);
        AddNumber(parts, "z_bucket_w", h.ZeroThreshold);
        if (h.UsesCustomBuckets) parts.Add($"custom_values:{List(h.CustomValues)}");
        switch (h.CounterResetHint)
        {
            case CounterResetHint.Reset: parts.Add("counter_reset_hint:reset"); break;
            case CounterResetHint.NotReset: parts.Add("counter_reset_hint:not_reset"); break;
            case CounterResetHint.Gauge: parts.Add("counter_reset_hint:gauge"); break;
        }

        AddBuckets(parts, "", h.Positive);
        AddBuckets(parts, "n_", h.Negative);
        return $"{{{{{string.Join(' ', parts)}}}}}";
    }

    private static void AppendPopulated(StringBuilder text, BucketEnumerator buckets)
    {
        foreach (HistogramBucket bucket in buckets)
            if (bucket.Count != 0) text.Append(", ").Append(bucket);
    }

    private static void AddNumber(List<string> parts, string name, double value)
    {
        if (value != 0) parts.Add($"{name}:{GoFloat.ToGeneral(value)}");
    }

    private static void AddBuckets(List<string> parts, string prefix, Buckets buckets)
    {
        if (buckets.Spans.Length > 0 && buckets.Spans[0].Offset != 0) parts.Add(FormattableString.Invariant($"{prefix}offset:{buckets.Spans[0].Offset}"));
        if (buckets.Counts.Length > 0) parts.Add($"{prefix}buckets:{List(buckets.Counts)}");
    }

    private static string List(double[] values) => $"[{string.Join(' ', values.Select(GoFloat.ToGeneral))}]";
}
