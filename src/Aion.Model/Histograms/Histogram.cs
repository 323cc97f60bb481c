namespace Aion.Model;

/// <summary>
/// A native histogram with integer counts, as scraped and stored. Buckets hold deltas between neighbours, the first one absolute.
/// </summary>
public sealed class Histogram
{
    public CounterResetHint CounterResetHint { get; set; }

    public int Schema { get; set; }

    public double ZeroThreshold { get; set; }

    public ulong ZeroCount { get; set; }

    public ulong Count { get; set; }

    public double Sum { get; set; }

    public BucketSpan[] PositiveSpans { get; set; } = [];

    public BucketSpan[] NegativeSpans { get; set; } = [];

    public long[] PositiveBuckets { get; set; } = [];

    public long[] NegativeBuckets { get; set; } = [];

    public double[] CustomValues { get; set; } = [];

    public bool IsStale => StaleMarker.Is(Sum);

    /// <summary>The same histogram with absolute float counts.</summary>
    public FloatHistogram ToFloat() => new()
    {
        CounterResetHint = CounterResetHint,
        Schema = Schema,
        ZeroThreshold = ZeroThreshold,
        ZeroCount = ZeroCount,
        Count = Count,
        Sum = Sum,
        PositiveSpans = PositiveSpans,
        NegativeSpans = NegativeSpans,
        PositiveBuckets = Absolute(PositiveBuckets),
        NegativeBuckets = Absolute(NegativeBuckets),
        CustomValues = CustomValues,
    };

    private static double[] Absolute(long[] deltas)
    {
        var counts = new double[deltas.Length];
        long running = 0;
        for (var i = 0; i < deltas.Length; i++)
        {
            running += deltas[i];
            counts[i] = running;
        }

        return counts;
    }
}
