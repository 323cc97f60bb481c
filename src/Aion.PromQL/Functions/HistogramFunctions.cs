using Aion.Model;

namespace Aion.PromQL;

/// <summary>Functions of one native histogram; floats are silently skipped.</summary>
internal static class HistogramFunctions
{
    public static RowMap? Find(string name) => name switch
    {
        "histogram_count" => Map(static h => h.Count),
        "histogram_sum" => Map(static h => h.Sum),
        "histogram_avg" => Map(static h => h.Sum / h.Count),
        "histogram_stddev" => Map(static h => Math.Sqrt(Variance(h))),
        "histogram_stdvar" => Map(Variance),
        _ => null,
    };

    private static RowMap Map(Func<FloatHistogram, double> function) => (row, _, _) =>
    {
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            if (row.HistogramAt(i) is { } histogram) row.Set(i, function(histogram));
            else row.Remove(i);
        }

        row.ForgetHistograms();
    };

    /// <summary>Each bucket stands for its middle: geometric, or arithmetic for custom buckets, or zero around zero.</summary>
    private static double Variance(FloatHistogram histogram)
    {
        double mean = histogram.Sum / histogram.Count;
        double variance = 0, compensation = 0;
        foreach (HistogramBucket bucket in histogram.EnumerateAll())
        {
            if (bucket.Count == 0) continue;
            double value;
            if (histogram.UsesCustomBuckets) value = (bucket.Upper + bucket.Lower) / 2;
            else if (bucket.Lower <= 0 && bucket.Upper >= 0) value = 0;
            else value = bucket.Upper < 0 ? -Math.Sqrt(bucket.Upper * bucket.Lower) : Math.Sqrt(bucket.Upper * bucket.Lower);
            double delta = value - mean;
            Kahan.Add(bucket.Count * delta * delta, ref variance, ref compensation);
        }

        return (variance + compensation) / histogram.Count;
    }
}
