namespace Aion.Model;

public sealed partial class FloatHistogram
{
    /// <summary>
    /// Equality of data: counts and sum by their bits (so NaN equals itself and 0 differs from −0) in the same bucket layout, however its spans
    /// are cut. The hint does not matter.
    /// </summary>
    public bool BitEquals(FloatHistogram? other) =>
        other is not null && Schema == other.Schema && Bits(Count) == Bits(other.Count) && Bits(Sum) == Bits(other.Sum)
        && ZeroThreshold == other.ZeroThreshold && Bits(ZeroCount) == Bits(other.ZeroCount)
        && (!UsesCustomBuckets || HistogramBounds.Same(CustomValues, other.CustomValues))
        && SameBuckets(Positive, other.Positive) && SameBuckets(Negative, other.Negative);

    /// <summary>
    /// Whether a counter was reset between a histogram and this later one. The hint decides if it says so; else a smaller count anywhere,
    /// a missing populated bucket, a finer schema or a narrower zero bucket is a reset. The sum is not looked at.
    /// </summary>
    public bool DetectReset(FloatHistogram previous)
    {
        if (CounterResetHint == CounterResetHint.Reset) return true;
        if (CounterResetHint == CounterResetHint.NotReset) return false;
        // A gauge should not come here; asked for all the same, it is treated as a counter.
        if (Count < previous.Count) return true;
        if (UsesCustomBuckets != previous.UsesCustomBuckets) return true;
        if (UsesCustomBuckets)
            return HistogramBounds.Same(CustomValues, previous.CustomValues) ? AnyDropped(Positive, previous.Positive) : AnyFoldedDropped(previous);
        if (Schema > previous.Schema || ZeroThreshold < previous.ZeroThreshold) return true;
        (double threshold, double zeroCount, _) = previous.WidenedZeroBucket(ZeroThreshold, null);
        if (threshold != ZeroThreshold || ZeroCount < zeroCount) return true;
        return AnyDropped(Positive, previous.Positive.Reduce(previous.Schema, Schema, ZeroThreshold))
            || AnyDropped(Negative, previous.Negative.Reduce(previous.Schema, Schema, ZeroThreshold));
    }

    private bool AnyFoldedDropped(FloatHistogram previous)
    {
        double[] common = HistogramBounds.Intersect(CustomValues, previous.CustomValues);
        double[] now = new double[common.Length + 1], before = new double[common.Length + 1];
        CustomBuckets.Fold(Positive, CustomValues, 1, common, now, new double[now.Length]);
        CustomBuckets.Fold(previous.Positive, previous.CustomValues, 1, common, before, new double[before.Length]);
        for (var i = 0; i < now.Length; i++)
            if (now[i] < before[i]) return true;
        return false;
    }

    private static bool AnyDropped(Buckets current, Buckets previous)
    {
        var now = new BucketCursor(current.Spans, current.Counts.Length);
        var before = new BucketCursor(previous.Spans, previous.Counts.Length);
        bool hasNow = now.MoveNext();
        while (before.MoveNext())
        {
            while (hasNow && now.Index < before.Index) hasNow = now.MoveNext();
            double count = previous.Counts[before.Position];
            bool found = hasNow && now.Index == before.Index;
            if (found ? current.Counts[now.Position] < count : count != 0) return true;
        }

        return false;
    }

    private static bool SameBuckets(Buckets a, Buckets b)
    {
        if (a.Counts.Length != b.Counts.Length) return false;
        var cursorA = new BucketCursor(a.Spans, a.Counts.Length);
        var cursorB = new BucketCursor(b.Spans, b.Counts.Length);
        while (cursorA.MoveNext())
        {
            if (!cursorB.MoveNext() || cursorA.Index != cursorB.Index) return false;
            if (Bits(a.Counts[cursorA.Position]) != Bits(b.Counts[cursorB.Position])) return false;
        }

        return !cursorB.MoveNext();
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
