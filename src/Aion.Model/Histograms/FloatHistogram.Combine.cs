namespace Aion.Model;

/// <summary>How two histograms are brought to one layout and combined.</summary>
public sealed partial class FloatHistogram
{
    private HistogramOutcome Combine(FloatHistogram other, double sign, FloatHistogram? errors)
    {
        if (UsesCustomBuckets != other.UsesCustomBuckets) return HistogramOutcome.Incompatible;
        var outcome = CombineHints(other.CounterResetHint) ? HistogramOutcome.HintsCollided : HistogramOutcome.Done;
        Accumulator totals = new(this, errors);
        totals.Add(sign * other.Count, sign * other.Sum);
        if (UsesCustomBuckets) return outcome | CombineCustom(other, sign, errors);

        (double zeroCount, double zeroError) = ReconcileZeroBuckets(other, errors);
        totals.AddZero(sign * zeroCount, sign * zeroError);
        CombineExponential(other, sign, errors);
        return outcome;
    }

    private HistogramOutcome CombineCustom(FloatHistogram other, double sign, FloatHistogram? errors)
    {
        Buckets mine = WithErrors(Positive, errors?.PositiveBuckets);
        if (HistogramBounds.Same(CustomValues, other.CustomValues))
        {
            SetPositive(mine.Add(other.Positive, sign, Schema, 0), errors);
            return HistogramOutcome.Done;
        }

        double[] common = HistogramBounds.Intersect(CustomValues, other.CustomValues);
        SetPositive(CustomBuckets.Add(mine, CustomValues, other.Positive, other.CustomValues, sign, common), errors);
        CustomValues = common;
        errors?.CustomValues = common;
        return HistogramOutcome.BoundsReconciled;
    }

    private void CombineExponential(FloatHistogram other, double sign, FloatHistogram? errors)
    {
        Buckets positive = WithErrors(Positive, errors?.PositiveBuckets), negative = WithErrors(Negative, errors?.NegativeBuckets);
        Buckets otherPositive = other.Positive, otherNegative = other.Negative;
        if (other.Schema < Schema)
        {
            positive = positive.Reduce(Schema, other.Schema);
            negative = negative.Reduce(Schema, other.Schema);
            Schema = other.Schema;
        }
        else if (other.Schema > Schema)
        {
            // A coarser bucket may reach across the threshold: what lay below it then counts in both, as it does in Prometheus.
            otherPositive = ReduceOther(otherPositive, other.Schema, errors is not null);
            otherNegative = ReduceOther(otherNegative, other.Schema, errors is not null);
        }

        SetPositive(positive.Add(otherPositive, sign, Schema, ZeroThreshold), errors);
        SetNegative(negative.Add(otherNegative, sign, Schema, ZeroThreshold), errors);
        if (errors is null) return;
        errors.Schema = Schema;
        errors.ZeroThreshold = ZeroThreshold;
    }

    private Buckets ReduceOther(Buckets other, int schema, bool compensated) =>
        (compensated ? other with { Errors = new double[other.Counts.Length] } : other).Reduce(schema, Schema);

    private static Buckets WithErrors(Buckets buckets, double[]? errors) => buckets with { Errors = errors };

    private void SetPositive(Buckets buckets, FloatHistogram? errors)
    {
        Positive = buckets;
        errors?.Positive = buckets with { Counts = buckets.Errors! };
    }

    private void SetNegative(Buckets buckets, FloatHistogram? errors)
    {
        Negative = buckets;
        errors?.Negative = buckets with { Counts = buckets.Errors! };
    }

    /// <summary>Equal hints stay; a gauge makes a gauge, else an unknown makes an unknown, else they contradict each other.</summary>
    private bool CombineHints(CounterResetHint other)
    {
        if (CounterResetHint == other) return false;
        bool gauge = CounterResetHint == CounterResetHint.Gauge || other == CounterResetHint.Gauge;
        bool unknown = CounterResetHint == CounterResetHint.Unknown || other == CounterResetHint.Unknown;
        CounterResetHint = gauge ? CounterResetHint.Gauge : CounterResetHint.Unknown;
        return !gauge && !unknown;
    }

    /// <summary>
    /// Widens this zero bucket until its edge lies in no populated bucket of either histogram; returns the other's zero count at that width and
    /// the rounding error in it.
    /// </summary>
    private (double Count, double Error) ReconcileZeroBuckets(FloatHistogram other, FloatHistogram? errors)
    {
        double otherThreshold = other.ZeroThreshold, otherCount = other.ZeroCount, otherError = 0;
        while (otherThreshold != ZeroThreshold)
        {
            if (ZeroThreshold > otherThreshold)
            {
                (otherThreshold, otherCount, otherError) = other.WidenedZeroBucket(ZeroThreshold, null);
            }
            else if (otherThreshold > ZeroThreshold)
            {
                (ZeroThreshold, ZeroCount, double error) = WidenedZeroBucket(otherThreshold, errors);
                errors?.ZeroCount = error;
                DropBucketsInZeroBucket(errors);
            }
            else
            {
                // A threshold that is not a number compares with nothing; data like that is not combined further.
                break;
            }
        }

        return (otherCount, otherError);
    }

    /// <summary>
    /// The zero bucket as it would be with a wider threshold: buckets inside count to it, and a populated bucket that the edge cuts
    /// counts wholly and moves the edge to its far end.
    /// </summary>
    private (double Threshold, double Count, double Error) WidenedZeroBucket(double threshold, FloatHistogram? errors)
    {
        double startError = errors?.ZeroCount ?? 0;
        if (threshold == ZeroThreshold) return (threshold, ZeroCount, startError);
        while (true)
        {
            double count = ZeroCount, error = startError;
            Absorb(EnumeratePositive(), errors?.PositiveBuckets, ref threshold, ref count, ref error);
            double afterPositive = threshold;
            Absorb(EnumerateNegative(), errors?.NegativeBuckets, ref threshold, ref count, ref error);
            // Moved by a negative bucket: more positive buckets may lie inside now.
            if (threshold == afterPositive) return (threshold, count, error);
        }
    }

    private static void Absorb(BucketEnumerator buckets, double[]? errors, ref double threshold, ref double count, ref double error)
    {
        while (buckets.MoveNext())
        {
            HistogramBucket bucket = buckets.Current;
            double near = Math.Min(Math.Abs(bucket.Lower), Math.Abs(bucket.Upper)), far = Math.Max(Math.Abs(bucket.Lower), Math.Abs(bucket.Upper));
            if (near >= threshold) return;
            KahanSum.Add(bucket.Count, ref count, ref error);
            if (errors is not null) KahanSum.Add(errors[buckets.CurrentPosition], ref count, ref error);
            if (far <= threshold) continue;
            if (bucket.Count != 0) threshold = far;
            return;
        }
    }

    private void DropBucketsInZeroBucket(FloatHistogram? errors)
    {
        ClearBelow(EnumeratePositive(), PositiveBuckets, errors?.PositiveBuckets);
        ClearBelow(EnumerateNegative(), NegativeBuckets, errors?.NegativeBuckets);
        SetPositive(WithErrors(Positive, errors?.PositiveBuckets).Compact(0), errors);
        SetNegative(WithErrors(Negative, errors?.NegativeBuckets).Compact(0), errors);
    }

    private void ClearBelow(BucketEnumerator buckets, double[] counts, double[]? errors)
    {
        while (buckets.MoveNext())
        {
            HistogramBucket bucket = buckets.Current;
            if (Math.Min(Math.Abs(bucket.Lower), Math.Abs(bucket.Upper)) >= ZeroThreshold) return;
            counts[buckets.CurrentPosition] = 0;
            errors?[buckets.CurrentPosition] = 0;
        }
    }

    /// <summary>Adds to the totals, with compensation when there is a place for the errors.</summary>
    private readonly struct Accumulator(FloatHistogram target, FloatHistogram? errors)
    {
        public void Add(double count, double sum)
        {
            (double totalCount, double totalSum) = (target.Count, target.Sum);
            (double countError, double sumError) = (errors?.Count ?? 0, errors?.Sum ?? 0);
            KahanSum.Add(count, ref totalCount, ref countError);
            KahanSum.Add(sum, ref totalSum, ref sumError);
            (target.Count, target.Sum) = (totalCount, totalSum);
            errors?.Count = countError;
            errors?.Sum = sumError;
        }

        public void AddZero(double count, double error)
        {
            (double total, double totalError) = (target.ZeroCount, errors?.ZeroCount ?? 0);
            KahanSum.Add(count, ref total, ref totalError);
            // Without a place to keep it, the error is not part of the sum.
            if (errors is not null) KahanSum.Add(error, ref total, ref totalError);
            target.ZeroCount = total;
            errors?.ZeroCount = totalError;
        }
    }
}
