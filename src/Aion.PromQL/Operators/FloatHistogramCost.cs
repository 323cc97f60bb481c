using Aion.Model;

namespace Aion.PromQL;

internal static class FloatHistogramCost
{
    /// <summary>Samples that a histogram counts as: its size in units of 16 bytes, as Prometheus reckons it, with its timestamp.</summary>
    public static long SampleCost(this FloatHistogram h) =>
        (168 + 8L * (h.PositiveSpans.Length + h.NegativeSpans.Length + h.PositiveBuckets.Length + h.NegativeBuckets.Length + h.CustomValues.Length) + 8) / 16;
}
