using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

/// <summary>The fast path over all steps answers bit by bit what window by window evaluation answers.</summary>
public sealed class RangeFunctionTests(ITestOutputHelper output)
{
    public static TheoryData<string> Functions =>
    [
        "rate", "increase", "delta", "sum_over_time", "avg_over_time", "count_over_time", "present_over_time", "min_over_time", "max_over_time",
        "last_over_time", "quantile_over_time",
    ];

    [Theory]
    [MemberData(nameof(Functions))]
    public void All_steps_at_once_equal_one_window_after_the_other(string name)
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            (long[] times, double[] values) = Series(random);
            var windows = new WindowSequence(
                ReferenceTimes.Of(new StepGrid(random.Next(-5000, 50_000), random.Next(1, 4) * 7_000, 97), null, random.Next(0, 2) * 1500),
                random.Next(1, 40) * 4_000, new StepGrid(0, 1, 97));
            RangeFunction function = RangeFunctions.Find(name)!;
            Row fast = new(97), slow = new(97);
            RangeScope scope = Scope(windows, random);

            Assert.True(function.EvaluateFloats(times, values, WindowBounds.Of(times, Interval(times, values), windows, scope.Arrays, out _, out _), scope, fast));
            OneByOne(function, times, values, windows, scope, slow);

            output.WriteLine($"seed {seed}");
            Assert.Equal(slow.Present, fast.Present);
            for (int i = Bits.Next(slow.Present, 0); i >= 0; i = Bits.Next(slow.Present, i + 1))
                Assert.Equal(Canonical(slow.Values[i]), Canonical(fast.Values[i]));
        }
    }

    [Fact]
    public void A_window_loses_the_zero_of_the_right_sign()
    {
        long[] times = [1000, 2000, 3000];
        double[] values = [0.0, -0.0, -0.0];
        RangeFunction function = RangeFunctions.Find("quantile_over_time")!;
        for (var seed = 1; seed <= 20; seed++)
        {
            var windows = new WindowSequence(ReferenceTimes.Of(new StepGrid(1000, 1000, 4), null, 0), 2000, new StepGrid(0, 1, 4));
            RangeScope scope = Scope(windows, new Random(seed));
            Row fast = new(4), slow = new(4);

            Assert.True(function.EvaluateFloats(times, values, WindowBounds.Of(times, Interval(times, values), windows, scope.Arrays, out _, out _), scope, fast));
            OneByOne(function, times, values, windows, scope, slow);

            Assert.Equal(slow.Values.Select(Canonical), fast.Values.Select(Canonical));
        }
    }

    /// <summary>All NaN are one; everything else bit by bit.</summary>
    private static long Canonical(double value) => double.IsNaN(value) ? long.MaxValue : BitConverter.DoubleToInt64Bits(value);

    private static void OneByOne(RangeFunction function, long[] times, double[] values, WindowSequence windows, RangeScope scope, Row row)
    {
        for (var step = 0; step < windows.Ends.Count; step++)
        {
            long end = windows.Ends.At(step), start = end - windows.RangeMs;
            int low = Array.FindIndex(times, t => t > start), high = Array.FindLastIndex(times, t => t <= end) + 1;
            if (low < 0 || low >= high) continue;
            var window = new Window { Times = times.AsSpan(low..high), Values = values.AsSpan(low..high), StartMs = start, EndMs = end, Step = step };
            PointValue point = default;
            if (function.Evaluate(window, scope, ref point)) row.Set(step, point.Float);
        }
    }

    private static RangeScope Scope(WindowSequence windows, Random random)
    {
        var call = new RangeCall { Annotations = new Annotations(), RangePosition = default, FirstPosition = default, Windows = windows };
        var quantiles = new double[97];
        for (var i = 0; i < quantiles.Length; i++) quantiles[i] = random.Next(-1, 12) / 10.0;
        call.Scalars = [quantiles];
        return new RangeScope(call, Labels.Of("__name__", "m_total"), new RangeScratch(97));
    }

    private static (long[] Times, double[] Values) Series(Random random)
    {
        var times = new long[random.Next(1, 400)];
        var values = new double[times.Length];
        bool odd = random.Next(3) == 0;
        int regular = random.Next(2) == 0 ? random.Next(1, 20) * 500 : 0;
        long time = 0;
        double value = 0;
        for (var i = 0; i < times.Length; i++)
        {
            time += regular > 0 ? regular : random.Next(1, 6_000);
            times[i] = time;
            value = random.Next(30) == 0 ? random.NextDouble() : value + random.NextDouble() * 10;
            values[i] = odd && random.Next(6) == 0 ? Odd(random) : value;
        }

        return (times, values);
    }

    /// <summary>What a buffer finds out about the times.</summary>
    private static long Interval(long[] times, double[] values)
    {
        var buffer = new SampleBuffer();
        for (var i = 0; i < times.Length; i++) buffer.Add(times[i], values[i]);
        return buffer.IntervalMs;
    }

    private static double Odd(Random random) => random.Next(8) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        3 => double.MaxValue,
        4 => -double.MaxValue,
        5 => -0.0,
        6 => 1e300,
        _ => 5e-324,
    };
}
