using FsCheck.Xunit;

namespace Aion.Model.Tests;

public sealed class FloatHistogramTests
{
    [Fact]
    public void Text_shows_populated_buckets_from_the_lowest_up()
    {
        FloatHistogram h = Histograms.Exponential(0, 1, [4, 0, 1], 1, [1, 2]).WithZero(0.1, 2);
        h.Sum = 3.5;

        Assert.Equal("{count:10, sum:3.5, [-4,-2):2, [-2,-1):1, [-0.1,0.1]:2, (1,2]:4, (4,8]:1}", h.ToString());
    }

    [Fact]
    public void Custom_buckets_reach_to_both_infinities()
    {
        FloatHistogram h = Histograms.Custom([1, 2.5], 1, 2, 3);

        Assert.Equal("{count:6, sum:12, [-Inf,1]:1, (1,2.5]:2, (2.5,+Inf]:3}", h.ToString());
    }

    [Fact]
    public void Test_expression_names_what_is_not_default()
    {
        FloatHistogram h = Histograms.Exponential(1, -2, [1, 0, 3], 4, [5]).WithZero(0.001, 1);
        h.CounterResetHint = CounterResetHint.Gauge;

        Assert.Equal(
            "{{schema:1 count:10 sum:8 z_bucket:1 z_bucket_w:0.001 counter_reset_hint:gauge offset:-2 buckets:[1 0 3] n_offset:4 n_buckets:[5]}}",
            h.ToTestExpression());
        Assert.Equal("{{schema:-53 count:3 sum:6 custom_values:[5 10] buckets:[1 2]}}", Histograms.Custom([5, 10], 1, 2).ToTestExpression());
        Assert.Equal("{{}}", new FloatHistogram().ToTestExpression());
    }

    [Fact]
    public void Dividing_by_zero_leaves_no_buckets()
    {
        FloatHistogram h = Histograms.Exponential(0, 0, 1, 2).Divide(0);

        Assert.Equal("{count:+Inf, sum:+Inf, [-0,0]:NaN}", h.ToString());
        Assert.Empty(h.PositiveBuckets);
    }

    [Theory]
    [InlineData(CounterResetHint.Reset, CounterResetHint.Reset, CounterResetHint.Reset, false)]
    [InlineData(CounterResetHint.Reset, CounterResetHint.NotReset, CounterResetHint.Unknown, true)]
    [InlineData(CounterResetHint.Reset, CounterResetHint.Unknown, CounterResetHint.Unknown, false)]
    [InlineData(CounterResetHint.Unknown, CounterResetHint.NotReset, CounterResetHint.Unknown, false)]
    [InlineData(CounterResetHint.Gauge, CounterResetHint.Unknown, CounterResetHint.Gauge, false)]
    [InlineData(CounterResetHint.NotReset, CounterResetHint.Gauge, CounterResetHint.Gauge, false)]
    public void Hints_combine(CounterResetHint a, CounterResetHint b, CounterResetHint expected, bool collides)
    {
        var left = new FloatHistogram { CounterResetHint = a };

        HistogramOutcome outcome = left.Add(new FloatHistogram { CounterResetHint = b });

        Assert.Equal(expected, left.CounterResetHint);
        Assert.Equal(collides ? HistogramOutcome.HintsCollided : HistogramOutcome.Done, outcome);
    }

    [Fact]
    public void Custom_and_exponential_buckets_do_not_combine()
    {
        FloatHistogram h = Histograms.Exponential(0, 0, 1);
        FloatHistogram? errors = null;

        Assert.Equal(HistogramOutcome.Incompatible, h.Add(Histograms.Custom([1], 1)));
        Assert.Equal(HistogramOutcome.Incompatible, h.KahanAdd(Histograms.Custom([1], 1), ref errors));
        Assert.Null(errors);
        Assert.Equal(1, h.Count);
    }

    [Fact]
    public void Custom_bounds_that_differ_are_reconciled_to_what_both_have()
    {
        FloatHistogram h = Histograms.Custom([1, 2, 3, 4], 1, 1, 1, 1, 1);

        HistogramOutcome outcome = h.Add(Histograms.Custom([0.5, 2, 4, 5], 10, 10, 10, 10, 10));

        Assert.Equal(HistogramOutcome.BoundsReconciled, outcome);
        Assert.Equal([2.0, 4.0], h.CustomValues);
        Assert.Equal([22.0, 12.0, 21.0], h.PositiveBuckets);
    }

    [Fact]
    public void Custom_bounds_without_anything_in_common_leave_one_bucket()
    {
        FloatHistogram h = Histograms.Custom([1, 2], 1, 1, 1);

        h.Subtract(Histograms.Custom([3], 10, 10));

        Assert.Equal("{count:-17, sum:-34, [-Inf,+Inf]:-17}", h.ToString());
    }

    [Fact]
    public void The_zero_bucket_grows_past_a_populated_bucket_that_its_edge_cuts()
    {
        // (1,2] is cut by 1.5; then the other's buckets up to 2 belong to the zero bucket too.
        FloatHistogram h = Histograms.Exponential(0, 1, 3, 4).WithZero(0.5, 1);
        FloatHistogram other = Histograms.Exponential(0, 1, 0, 7).WithZero(1.5, 10);

        h.Add(other);

        Assert.Equal(2, h.ZeroThreshold);
        Assert.Equal("{count:25, sum:28, [-2,2]:14, (2,4]:11}", h.Compact().ToString());
        Assert.Equal(1.5, other.ZeroThreshold);
    }

    [Fact]
    public void A_coarser_bucket_across_the_edge_of_the_zero_bucket_keeps_what_lies_below_as_recorded_upstream()
    {
        // The other's (1,1.41] goes to the zero bucket, and stays in the coarse (1,2] that its (1.41,2] brings.
        double edge = HistogramBounds.GetExponentialBound(1, 1);
        FloatHistogram h = Histograms.Exponential(0, 2, 5).WithZero(edge, 1);

        h.Add(Histograms.Exponential(1, 1, 3, 4).WithZero(0.25, 2));

        Assert.Equal(1 + 2 + 3, h.ZeroCount);
        Assert.Equal([7.0, 5.0], h.PositiveBuckets);
    }

    [Property]
    public void Addition_agrees_with_adding_bucket_by_bucket(byte[] positiveA, byte[] negativeA, byte[] positiveB, byte[] negativeB, byte schemas)
    {
        int schemaA = (schemas & 7) - 2, schemaB = ((schemas >> 3) & 7) - 2, coarse = Math.Min(schemaA, schemaB);
        FloatHistogram a = Histograms.Sparse(schemaA, Random(positiveA), Random(negativeA)), b = Histograms.Sparse(schemaB, Random(positiveB), Random(negativeB));
        var expectedPositive = Expected(Random(positiveA), schemaA, Random(positiveB), schemaB, coarse);
        var expectedNegative = Expected(Random(negativeA), schemaA, Random(negativeB), schemaB, coarse);
        FloatHistogram kahan = a.Copy();
        FloatHistogram? errors = null;

        a.Add(b);
        kahan.KahanAdd(b, ref errors);
        kahan.Add(errors!);

        Assert.Equal(coarse, a.Schema);
        Assert.Equal(expectedPositive, Histograms.Counts(a.EnumeratePositive()));
        Assert.Equal(expectedNegative, Histograms.Counts(a.EnumerateNegative()));
        Assert.True(a.BitEquals(kahan));
        Assert.Null(HistogramValidation.Check(a));
    }

    [Property]
    public void Compacting_keeps_populated_buckets_and_long_gaps_only(byte[] buckets, byte maxEmpty)
    {
        int max = maxEmpty % 6;
        var counts = Random(buckets);
        FloatHistogram h = Histograms.Exponential(0, -3, [.. Enumerable.Range(0, 40).Select(i => counts.GetValueOrDefault(i))]);
        var before = Histograms.Counts(h.EnumeratePositive());

        h.Compact(max);

        Assert.Equal(before, Histograms.Counts(h.EnumeratePositive()));
        Assert.All(h.PositiveSpans.Skip(1), span => Assert.True(span.Offset > max));
        Assert.True(h.PositiveBuckets.Length == 0 || (h.PositiveBuckets[0] != 0 && h.PositiveBuckets[^1] != 0));
        Assert.DoesNotContain(new string('0', max + 1), string.Concat(h.PositiveBuckets.Select(c => c == 0 ? '0' : 'x')), StringComparison.Ordinal);
        FloatHistogram again = h.Copy().Compact(max);
        Assert.Equal(h.PositiveSpans, again.PositiveSpans);
    }

    [Property]
    public void Reversed_walks_are_the_reverse(byte[] positive, byte[] negative)
    {
        FloatHistogram h = Histograms.Sparse(2, Random(positive), Random(negative)).WithZero(0.0001, positive.Length % 2);
        List<HistogramBucket> up = [], down = [];
        foreach (var bucket in h.EnumerateAll()) up.Add(bucket);
        foreach (var bucket in h.EnumerateAllReversed()) down.Add(bucket);

        down.Reverse();

        Assert.Equal(up, down);
        Assert.All(up.Zip(up.Skip(1)), pair => Assert.True(pair.First.Upper <= pair.Second.Lower));
    }

    [Fact]
    public void Compensation_keeps_what_plain_addition_loses()
    {
        FloatHistogram plain = Histograms.Exponential(0, 0, 1e16), kahan = plain.Copy(), small = Histograms.Exponential(0, 0, 1);
        FloatHistogram? errors = null;
        for (var i = 0; i < 1000; i++)
        {
            plain.Add(small);
            kahan.KahanAdd(small, ref errors);
        }

        kahan.Add(errors!);

        Assert.Equal(1e16, plain.PositiveBuckets[0]);
        Assert.Equal(1e16 + 1000, kahan.PositiveBuckets[0]);
        Assert.Equal(1e16 + 1000, kahan.Count);
    }

    [Fact]
    public void Trimming_splits_the_bucket_at_the_value_and_estimates_the_sum_anew()
    {
        FloatHistogram h = Histograms.Custom([1, 2, 4], 0, 4, 8, 2);

        Assert.Equal("{count:8, sum:16, (1,2]:4, (2,4]:4}", h.Copy().Trim(3, keepBelow: true).ToString());
        Assert.Equal("{count:6, sum:22, (2,4]:4, (4,+Inf]:2}", h.Copy().Trim(3, keepBelow: false).ToString());
        Assert.True(h.Copy().Trim(double.NegativeInfinity, keepBelow: false).BitEquals(h));
    }

    [Property]
    public void Both_halves_of_a_trim_have_all_observations(byte[] positive, byte[] negative, short at)
    {
        FloatHistogram h = Histograms.Sparse(0, Random(positive), Random(negative)).WithZero(0.001, 3);
        double value = at / 100.0;

        double below = h.Copy().Trim(value, keepBelow: true).Count, above = h.Copy().Trim(value, keepBelow: false).Count;

        Assert.Equal(h.Count, below + above, 6);
    }

    [Fact]
    public void Equality_is_by_bits_and_layout()
    {
        FloatHistogram h = Histograms.Exponential(0, 1, 1, 2);
        h.Sum = double.NaN;
        FloatHistogram split = h.Copy();
        split.PositiveSpans = [new(0, 0), new(1, 1), new(0, 1)];
        FloatHistogram emptyBucketMore = Histograms.Exponential(0, 1, 1, 2, 0);
        emptyBucketMore.Sum = double.NaN;
        FloatHistogram stale = h.Copy();
        stale.Sum = StaleMarker.Value;

        Assert.True(h.BitEquals(split));
        Assert.False(h.BitEquals(emptyBucketMore));
        Assert.False(h.BitEquals(stale));
        Assert.False(new FloatHistogram().BitEquals(new FloatHistogram { ZeroCount = -0.0 }));
        Assert.False(h.BitEquals(null));
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 1, 2, 3 }, false)]
    [InlineData(new double[] { 1, 3, 3 }, new double[] { 1, 2, 3 }, false)]
    [InlineData(new double[] { 1, 1, 9 }, new double[] { 1, 2, 3 }, true)]
    [InlineData(new double[] { 9 }, new double[] { 1, 2 }, true)]
    [InlineData(new double[] { 9 }, new double[] { 1, 0 }, false)]
    [InlineData(new double[] { 1 }, new double[] { 2 }, true)]
    public void A_smaller_or_missing_bucket_is_a_reset(double[] current, double[] previous, bool expected) =>
        Assert.Equal(expected, Histograms.Exponential(0, 0, current).DetectReset(Histograms.Exponential(0, 0, previous)));

    [Fact]
    public void Resets_across_layouts()
    {
        FloatHistogram fine = Histograms.Exponential(1, 1, 1, 2), coarse = Histograms.Exponential(0, 1, 3, 1);

        Assert.False(coarse.DetectReset(fine));
        Assert.True(fine.WithZero(0, 100).DetectReset(coarse));
        Assert.True(Histograms.Exponential(0, 1, 2, 9).DetectReset(Histograms.Exponential(1, 1, 1, 2)));
        // The wider zero bucket swallows (0.5,1]; one that cuts a populated bucket cannot come without a reset.
        Assert.False(Histograms.Exponential(0, 1, 1).WithZero(1, 5).DetectReset(Histograms.Exponential(0, 0, 4, 1).WithZero(0.5, 1)));
        Assert.True(Histograms.Exponential(0, 1, 1).WithZero(0.75, 9).DetectReset(Histograms.Exponential(0, 0, 4, 1).WithZero(0.5, 1)));
        Assert.True(Histograms.Custom([1], 9).DetectReset(Histograms.Exponential(0, 0, 1)));
        Assert.False(Histograms.Custom([1, 2], 2, 2).DetectReset(Histograms.Custom([0.5, 1], 1, 1, 2)));
        Assert.True(Histograms.Custom([1, 2], 1, 9).DetectReset(Histograms.Custom([0.5, 1], 1, 1, 2)));
    }

    [Fact]
    public void An_observation_that_moved_into_the_wider_zero_bucket_is_no_reset()
    {
        // (1,1.41] went to the zero bucket, whose edge lies inside the coarse (1,2].
        double edge = HistogramBounds.GetExponentialBound(1, 1);
        FloatHistogram previous = Histograms.Exponential(1, 1, 3, 4).WithZero(0.25, 2), current = Histograms.Exponential(0, 1, 4).WithZero(edge, 5);

        Assert.False(current.DetectReset(previous));
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(-1, 0, 0.5)]
    [InlineData(1024, 0, double.MaxValue)]
    [InlineData(1025, 0, double.PositiveInfinity)]
    [InlineData(64, -4, double.MaxValue)]
    [InlineData(65, -4, double.PositiveInfinity)]
    [InlineData(1, 1, 1.414213562373095)]
    [InlineData(int.MaxValue, -4, double.PositiveInfinity)]
    [InlineData(int.MinValue, 8, 0)]
    public void Bounds(int index, int schema, double expected) => Assert.Equal(expected, HistogramBounds.GetExponentialBound(index, schema));

    [Fact]
    public void A_bound_of_a_coarser_schema_is_a_bound_of_every_finer_one()
    {
        for (int schema = -4; schema < 8; schema++)
            for (int index = -2000; index < 2000; index++)
                Assert.Equal(HistogramBounds.GetExponentialBound(index, schema), HistogramBounds.GetExponentialBound(index * 2, schema + 1));
    }

    [Fact]
    public void Spans_and_counts_that_disagree_are_named_and_never_run_over()
    {
        FloatHistogram tooFew = new() { PositiveSpans = [new(0, uint.MaxValue), new(5, 3)], PositiveBuckets = [1, 2] };
        FloatHistogram tooMany = new() { PositiveSpans = [new(0, 1)], PositiveBuckets = [1, 2] };

        foreach (FloatHistogram h in new[] { tooFew, tooMany })
        {
            Assert.StartsWith("positive side: spans need", HistogramValidation.Check(h), StringComparison.Ordinal);
            foreach (var _ in h.EnumeratePositive()) { }
            foreach (var _ in h.EnumeratePositiveReversed()) { }
            h.Copy().Compact();
            h.Copy().Add(Histograms.Exponential(0, 0, 1));
            _ = h.ToString();
        }
    }

    [Fact]
    public void Custom_bounds_are_checked()
    {
        Assert.Null(HistogramValidation.Check(Histograms.Custom([1, 2], 1, 2, 3)));
        Assert.StartsWith("custom buckets: only 1 custom bounds", HistogramValidation.Check(Histograms.Custom([1], 1, 2, 3)), StringComparison.Ordinal);
        Assert.Contains("strictly increasing", HistogramValidation.Check(Histograms.Custom([2, 2], 1)), StringComparison.Ordinal);
        Assert.Contains("must be finite", HistogramValidation.Check(Histograms.Custom([double.PositiveInfinity], 1)), StringComparison.Ordinal);
        Assert.EndsWith("got schema 9", HistogramValidation.Check(Histograms.Exponential(9, 0, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Integer_histograms_must_count_what_their_buckets_hold()
    {
        var h = new Histogram { Count = 5, PositiveSpans = [new(0, 2)], PositiveBuckets = [2, 1] };

        Assert.Null(HistogramValidation.Check(h));
        h.Count = 6;
        Assert.StartsWith("5 observations found in buckets, but the Count field is 6", HistogramValidation.Check(h), StringComparison.Ordinal);
        h.Sum = double.NaN;
        Assert.Null(HistogramValidation.Check(h));
        h.PositiveBuckets = [2, -3];
        Assert.StartsWith("positive side: bucket number 2 has observation count of -1", HistogramValidation.Check(h), StringComparison.Ordinal);
    }

    private static Dictionary<int, double> Random(byte[] bytes)
    {
        var counts = new Dictionary<int, double>();
        foreach (byte b in bytes) counts[(b % 40) - 10] = 1 + (b / 40);
        return counts;
    }

    private static Dictionary<int, double> Expected(Dictionary<int, double> a, int schemaA, Dictionary<int, double> b, int schemaB, int coarse)
    {
        var sum = new Dictionary<int, double>();
        foreach (var (index, count) in a) sum[HistogramBounds.ReduceIndex(index, schemaA, coarse)] = sum.GetValueOrDefault(HistogramBounds.ReduceIndex(index, schemaA, coarse)) + count;
        foreach (var (index, count) in b) sum[HistogramBounds.ReduceIndex(index, schemaB, coarse)] = sum.GetValueOrDefault(HistogramBounds.ReduceIndex(index, schemaB, coarse)) + count;
        return sum;
    }
}
