using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Which sample a point of downsampled data stands for.</summary>
internal enum DownsampledReading
{
    /// <summary>Sum divided by count.</summary>
    Average,
    Count,
    Sum,
    Min,
    Max,

    /// <summary>The running total with resets taken out.</summary>
    Counter,
}

/// <summary>What the function around a selector needs of downsampled data .</summary>
/// <param name="Aggregates">What to ask stores for.</param>
/// <param name="Reading">How to read it.</param>
/// <param name="CountsPoints">The function counts samples, so that a point must count as many as it stands for.</param>
internal readonly record struct FunctionNeeds(Aggregates Aggregates, DownsampledReading Reading, bool CountsPoints)
{
    private static readonly HashSet<string> TwoSampleFunctions = new(StringComparer.Ordinal)
    {
        "rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "holt_winters", "double_exponential_smoothing",
    };

    public static FunctionNeeds Of(string function)
    {
        if (function == "min" || function.StartsWith("min_", StringComparison.Ordinal))
            return new(Aggregates.Min, DownsampledReading.Min, false);
        if (function == "max" || function.StartsWith("max_", StringComparison.Ordinal))
            return new(Aggregates.Max, DownsampledReading.Max, false);
        if (function == "count" || function.StartsWith("count_", StringComparison.Ordinal))
            return new(Aggregates.Count, DownsampledReading.Count, function == "count_over_time");
        // sum without underscore is the aggregation over series, which wants the average of each.
        if (function.StartsWith("sum_", StringComparison.Ordinal))
            return new(Aggregates.Sum, DownsampledReading.Sum, false);
        return function is "increase" or "rate" or "irate" or "resets" or "xincrease" or "xrate"
            ? new(Aggregates.Counter, DownsampledReading.Counter, false)
            : new(Aggregates.Count | Aggregates.Sum, DownsampledReading.Average, false);
    }

    /// <summary>A function that needs two samples in its range may not get points that are further apart than half of it.</summary>
    public static long CapResolution(long maxResolutionMs, QueryHints hints) =>
        hints.RangeMs > 0 && TwoSampleFunctions.Contains(hints.Function)
            ? Math.Min(maxResolutionMs, hints.RangeMs / 2)
            : maxResolutionMs;

    /// <summary>Functions for which a switch between replicas must not look like a reset of downsampled counters .</summary>
    public static bool IsCounterFunction(string function) => function is "increase" or "rate" or "irate" or "resets";
}
