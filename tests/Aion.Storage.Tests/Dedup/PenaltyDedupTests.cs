using Aion.Model;
using FsCheck;
using FsCheck.Xunit;

namespace Aion.Storage.Tests;

public sealed class PenaltyDedupTests
{
    public static TheoryData<double[], double[], double[]> Vectors => new()
    {
        { [10, 20, 30, 40], [10, 20, 30, 40], [10, 20, 30, 40] },
        { [10.1, 20.1, 30.1, 40.1], [10, 20, 30, 40], [-10, -20, -30, -40] },
        { [10, 20, 40], [10, 20, 30, 40], [10, 20, 40] },
        { [10, 20, 40], [15, 25, 35, 45], [10, 20, 40] },
        { [10, 20, 30, 60, 70], [10.1, 20.1, 30.1, 40.1, 50.1, 60.1], [10, 20, 30, -50.1, -60.1] },
    };

    /// <summary>Times in seconds; expected times of the second replica are negative.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void Replicas_merge_as_upstream(double[] a, double[] b, double[] expected)
    {
        SampleBuffer merged = Merge(Of(a, 1), Of(b, -1), adjust: false);

        Assert.Equal(expected.Select(t => (long)Math.Round(Math.Abs(t) * 1000)), merged.Times.ToArray());
        Assert.Equal(expected.Select(t => (double)Math.Sign(t)), merged.Values.ToArray());
    }

    /// <summary>
    /// Upstream's own vector also has 90000: its test double seeks backwards, which no real iterator does. At 45001 the first replica
    /// gets a penalty of 50002 and moves to 100000 for good.
    /// </summary>
    [Theory]
    [InlineData(true, new[] { 8, 9, 9, 10, 11, 15.0 })]
    [InlineData(false, new[] { 8, 9, 8.5, 9.5, 10.5, 15.0 })]
    public void Counters_do_not_fall_at_a_switch(bool adjust, double[] expected)
    {
        SampleBuffer a = Of((10000, 8), (20000, 9), (50001, 10), (60000, 11), (70000, 12), (80000, 13), (90000, 14), (100000, 15));
        SampleBuffer b = Of((10001, 8), (45001, 8.5), (55001, 9.5), (65001, 10.5));

        SampleBuffer merged = Merge(a, b, adjust);

        Assert.Equal([10000, 20000, 45001, 55001, 65001, 100000], merged.Times.ToArray());
        Assert.Equal(expected, merged.Values.ToArray());
    }

    [Fact]
    public void Histograms_and_floats_take_part_alike()
    {
        var a = new SampleBuffer();
        a.Add(1000, new FloatHistogram { Count = 1 });
        a.Add(2000, 5);
        var b = new SampleBuffer();
        b.Add(60_000, new FloatHistogram { Count = 2 });

        SampleBuffer merged = Merge(a, b, adjust: true);

        Assert.Equal([1000, 2000, 60_000], merged.Times.ToArray());
        Assert.Equal([1, null, 2.0], merged.Histograms.ToArray().Select(h => h?.Count));
    }

    [Fact]
    public void Three_replicas_fold_from_left_to_right()
    {
        var into = new SampleBuffer();

        PenaltyDedup.Merge([Of([10, 20], 1), Of([10, 20, 100], 2), Of([10, 300], 3)], adjustCounters: false, into);

        Assert.Equal([10_000, 20_000, 100_000, 300_000], into.Times.ToArray());
        Assert.Equal([1, 1, 2, 3.0], into.Values.ToArray());
    }

    [Property]
    public bool A_replica_with_itself_and_with_nothing_is_itself(int[] times)
    {
        SampleBuffer a = Of([.. times.Distinct().Order().Select(t => ((long)t, (double)t))]);

        return Same(a, Merge(a, a, false)) && Same(a, Merge(a, new SampleBuffer(), false)) && Same(a, Merge(new SampleBuffer(), a, true));
    }

    [Property]
    public bool Samples_ascend_and_come_from_a_replica(int[] first, int[] second)
    {
        SortedSet<int> a = [.. first], b = [.. second];
        SampleBuffer merged = Merge(Of([.. a.Select(t => ((long)t, 1d))]), Of([.. b.Select(t => ((long)t, 2d))]), false);

        for (var i = 0; i < merged.Count; i++)
        {
            if (i > 0 && merged.Times[i] <= merged.Times[i - 1]) return false;
            if (!(merged.Values[i] == 1 ? a : b).Contains((int)merged.Times[i])) return false;
        }

        return true;
    }

    [Fact]
    public void Extreme_times_do_not_overflow()
    {
        SampleBuffer merged = Merge(Of((long.MinValue, 1), (0, 1), (long.MaxValue, 1)), Of((long.MinValue + 1, 2), (long.MaxValue - 1, 2)), false);

        Assert.Equal(1, merged.Values[0]);
        Assert.True(merged.Count is > 0 and <= 5);
    }

    internal static SampleBuffer Of(params (long Time, double Value)[] samples)
    {
        var buffer = new SampleBuffer();
        foreach ((long time, double value) in samples) buffer.Add(time, value);
        return buffer;
    }

    private static SampleBuffer Of(double[] seconds, double value) => Of([.. seconds.Select(t => ((long)Math.Round(t * 1000), value))]);

    private static SampleBuffer Merge(SampleBuffer a, SampleBuffer b, bool adjust)
    {
        var into = new SampleBuffer();
        PenaltyDedup.Merge(a, b, adjust, into);
        return into;
    }

    private static bool Same(SampleBuffer a, SampleBuffer b) => a.Times.SequenceEqual(b.Times) && a.Values.SequenceEqual(b.Values);
}
