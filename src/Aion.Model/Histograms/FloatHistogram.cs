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
/// Mutable while it is being computed; whoever publishes one to another owner copies it first.
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

    public FloatHistogram Copy() => new()
    {
        CounterResetHint = CounterResetHint,
        Schema = Schema,
        ZeroThreshold = ZeroThreshold,
        ZeroCount = ZeroCount,
        Count = Count,
        Sum = Sum,
        PositiveSpans = [.. PositiveSpans],
        NegativeSpans = [.. NegativeSpans],
        PositiveBuckets = [.. PositiveBuckets],
        NegativeBuckets = [.. NegativeBuckets],
        CustomValues = CustomValues,
    };
}
