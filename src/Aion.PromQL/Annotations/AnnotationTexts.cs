using System.Globalization;
using Aion.Model;

namespace Aion.PromQL;

internal enum AnnotationKind
{
    InvalidQuantile,
    InvalidRatio,
    BadBucketLabel,
    MixedFloatsHistograms,
    MixedFloatsHistogramsAggregation,
    MixedClassicNative,
    NotCounter,
    NotGauge,
    MixedExponentialCustom,
    IncompatibleBucketLayout,
    SortInRangeQuery,
    CounterResetCollision,
    StartTimeOverlap,

    // From here on infos.
    PossibleNonCounter,
    PossibleNonCounterType,
    ForcedMonotonicity,
    IncompatibleTypes,
    HistogramIgnoredInAggregation,
    HistogramIgnoredInMixedRange,
    QuantileNaNResult,
    QuantileNaNSkew,
    FractionNaNs,
    MismatchedCustomBuckets,
}

/// <summary>The texts, which are interface: users and dashboards match on them.</summary>
internal static class AnnotationTexts
{
    public static bool IsWarning(AnnotationKind kind) => kind < AnnotationKind.PossibleNonCounter;

    public static string Render(in Annotation a, MonotonicityRepair? repair, long count) => a.Kind switch
    {
        AnnotationKind.InvalidQuantile => $"quantile value should be between 0 and 1, got {a.First}",
        AnnotationKind.InvalidRatio => $"ratio value should be between -1 and 1, got {a.First}, capping to {a.Second}",
        AnnotationKind.BadBucketLabel =>
            $"bucket label \"le\" is missing or has a malformed value of {GoText.Quote(a.First)}{ForName(a.Second)}",
        AnnotationKind.MixedFloatsHistograms =>
            $"encountered a mix of histograms and floats for metric name {GoText.Quote(a.First)}",
        AnnotationKind.MixedFloatsHistogramsAggregation => "encountered a mix of histograms and floats for aggregation",
        AnnotationKind.MixedClassicNative => $"vector contains a mix of classic and native histograms{ForName(a.First)}",
        AnnotationKind.NotCounter => $"this native histogram metric is not a counter: {GoText.Quote(a.First)}",
        AnnotationKind.NotGauge => $"this native histogram metric is not a gauge: {GoText.Quote(a.First)}",
        AnnotationKind.MixedExponentialCustom =>
            $"vector contains a mix of histograms with exponential and custom buckets schemas for metric name {GoText.Quote(a.First)}",
        AnnotationKind.IncompatibleBucketLayout => $"incompatible bucket layout encountered for binary operator {a.First}",
        AnnotationKind.SortInRangeQuery => "sort is ineffective for range queries since results are always ordered by labels",
        AnnotationKind.CounterResetCollision => $"conflicting counter resets during histogram {a.First}",
        AnnotationKind.StartTimeOverlap =>
            $"sample has start time that overlaps with previous sample timestamp for metric {GoText.Quote(a.First)}{Occurrences(count)}",
        AnnotationKind.PossibleNonCounter =>
            $"metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {GoText.Quote(a.First)}",
        AnnotationKind.PossibleNonCounterType =>
            $"metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {GoText.Quote(a.First)}: {GoText.Quote(a.Second)}",
        AnnotationKind.ForcedMonotonicity => Monotonicity(a.First, repair!),
        AnnotationKind.IncompatibleTypes => $"incompatible sample types encountered for binary operator {GoText.Quote(a.First)}: {a.Second}",
        AnnotationKind.HistogramIgnoredInAggregation => $"ignored histogram in {a.First} aggregation",
        AnnotationKind.HistogramIgnoredInMixedRange =>
            $"ignored histograms in a range containing both floats and histograms for metric name {GoText.Quote(a.First)}",
        AnnotationKind.QuantileNaNResult =>
            $"input to histogram_quantile has NaN observations, result is NaN{ForName(a.First)}",
        AnnotationKind.QuantileNaNSkew =>
            $"input to histogram_quantile has NaN observations, result is skewed higher{ForName(a.First)}",
        AnnotationKind.FractionNaNs =>
            $"input to histogram_fraction has NaN observations, which are excluded from all fractions{ForName(a.First)}",
        AnnotationKind.MismatchedCustomBuckets => $"mismatched custom buckets were reconciled during {a.First}",
        _ => throw new ArgumentOutOfRangeException(nameof(a)),
    };

    private static string Occurrences(long count) =>
        count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({count} occurrences)") : "";

    private static string ForName(string name) => name.Length == 0 ? "" : $" for metric name {GoText.Quote(name)}";

    private static string Monotonicity(string name, MonotonicityRepair repair) => string.Create(
        CultureInfo.InvariantCulture,
        $"input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){ForName(name)}, from buckets {GoNumber.G(repair.MinBucket)} to {GoNumber.G(repair.MaxBucket)}, with a max diff of {GoNumber.G(repair.MaxDifference, 2)}, over {repair.Count} samples from {Time(repair.MinTimeMs)} to {Time(repair.MaxTimeMs)}");

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
