namespace Aion.Model;

/// <summary>What the writer knows of a reset between this histogram and the one before it.</summary>
public enum CounterResetHint : byte
{
    Unknown = 0,
    Reset = 1,
    NotReset = 2,
    Gauge = 3,
}

/// <summary>A run of populated buckets. <c>Offset</c> is the gap to the span before (the first: the absolute bucket index).</summary>
public readonly record struct BucketSpan(int Offset, uint Length);

/// <summary>
/// A native histogram with float counts: what the engine computes with. Buckets hold absolute counts, in span order.
/// Mutable while it is being computed; whoever publishes one to another owner copies it first. Arrays of counts belong to one histogram;
/// span arrays and custom bounds may be shared, so they are replaced and never written to.
/// </summary>
public sealed partial class FloatHistogram
{
    /// <summary>Schema of custom bucket bounds; exponential schemas are −4 … 8.</summary>
    public const int CustomBucketsSchema = -53;

    public CounterResetHint CounterResetHint { get; set; }

    public int Schema { get; set; }

    public double ZeroThreshold { get; set; }

    public double ZeroCount { get; set; }

    public double Count { get; set; }

    public double Sum { get; set; }

    public BucketSpan[] PositiveSpans { get; set; } = [];

    public BucketSpan[] NegativeSpans { get; set; } = [];

    public double[] PositiveBuckets { get; set; } = [];

    public double[] NegativeBuckets { get; set; } = [];

    /// <summary>Ascending upper bounds, only with <see cref="CustomBucketsSchema"/>; the bucket above the last one is implicit.</summary>
    public double[] CustomValues { get; set; } = [];

    public bool UsesCustomBuckets => Schema == CustomBucketsSchema;

    /// <summary>A sample whose sum is the stale marker ends the series, as a stale float does.</summary>
    public bool IsStale => StaleMarker.Is(Sum);

    /// <summary>Bytes as the engine's sample limit counts them: a fixed part and 8 for every span, count and bound.</summary>
    public int SizeBytes =>
        168 + (8 * (PositiveSpans.Length + NegativeSpans.Length + PositiveBuckets.Length + NegativeBuckets.Length + CustomValues.Length));

    public HistogramBucket ZeroBucket => new(-ZeroThreshold, ZeroThreshold, true, true, ZeroCount, 0);

    private Buckets Positive
    {
        get => new(PositiveSpans, PositiveBuckets, null);
        set => (PositiveSpans, PositiveBuckets) = (value.Spans, value.Counts);
    }

    private Buckets Negative
    {
        get => new(NegativeSpans, NegativeBuckets, null);
        set => (NegativeSpans, NegativeBuckets) = (value.Spans, value.Counts);
    }

    /// <summary>Positive buckets from zero upwards; for custom buckets, all of them.</summary>
    public BucketEnumerator EnumeratePositive() => new(this, negative: false, reversed: false);

    /// <summary>Negative buckets from zero downwards.</summary>
    public BucketEnumerator EnumerateNegative() => new(this, negative: true, reversed: false);

    /// <summary>Positive buckets from the highest down to zero.</summary>
    public BucketEnumerator EnumeratePositiveReversed() => new(this, negative: false, reversed: true);

    /// <summary>Negative buckets from the lowest up to zero.</summary>
    public BucketEnumerator EnumerateNegativeReversed() => new(this, negative: true, reversed: true);

    /// <summary>All buckets in ascending order, the zero bucket only when its count is above zero.</summary>
    public AllBucketEnumerator EnumerateAll() => new(this, reversed: false);

    /// <summary>All buckets in descending order, the zero bucket only when its count is above zero.</summary>
    public AllBucketEnumerator EnumerateAllReversed() => new(this, reversed: true);

    /// <summary>A copy with independent counts.</summary>
    public FloatHistogram Copy() => new()
    {
        CounterResetHint = CounterResetHint,
        Schema = Schema,
        ZeroThreshold = ZeroThreshold,
        ZeroCount = ZeroCount,
        Count = Count,
        Sum = Sum,
        PositiveSpans = PositiveSpans,
        NegativeSpans = NegativeSpans,
        PositiveBuckets = [.. PositiveBuckets],
        NegativeBuckets = [.. NegativeBuckets],
        CustomValues = CustomValues,
    };
}
