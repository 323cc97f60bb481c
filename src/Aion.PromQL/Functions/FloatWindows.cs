using System.Runtime.Intrinsics;

namespace Aion.PromQL;

/// <summary>One value of one window of floats; the window is not empty.</summary>
internal interface IFloatKernel
{
    double Evaluate(ReadOnlySpan<double> values);
}

/// <summary>Loops over the windows of a decoded series, one function each. All are bit-equal to evaluating window by window.</summary>
internal static class FloatWindows
{
    /// <summary>The kernel is a struct, so each use compiles to a loop of its own.</summary>
    public static void Run<TKernel>(ReadOnlySpan<double> values, WindowBounds windows, Row row, TKernel kernel)
        where TKernel : struct, IFloatKernel
    {
        var work = 0;
        for (var step = 0; step < windows.Count; step++)
        {
            int low = windows.Low[step], high = windows.High[step];
            if (low == high) continue;
            windows.Poll(high - low, ref work);
            row.Values[step] = kernel.Evaluate(values[low..high]);
            Bits.Set(row.Present, step);
        }
    }

    /// <summary>
    /// Sums or means. Each window is summed from its start with compensation, as equality of bits asks; four windows at a time, because the
    /// additions of one window have to wait for each other.
    /// </summary>
    public static void Sum(ReadOnlySpan<double> values, WindowBounds windows, Row row, bool mean)
    {
        int step = 0, work = 0;
        for (; step + 4 <= windows.Count; step += 4)
        {
            windows.Poll(windows.High[step + 3] - windows.Low[step], ref work);
            int length = int.MaxValue;
            for (var lane = 0; lane < 4; lane++) length = Math.Min(length, windows.High[step + lane] - windows.Low[step + lane]);
            if (length < 4) Sum(values, windows, row, mean, step, step + 4);
            else SumFour(values, windows, row, mean, step, length);
        }

        Sum(values, windows, row, mean, step, windows.Count);
    }

    private static void Sum(ReadOnlySpan<double> values, WindowBounds windows, Row row, bool mean, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            int low = windows.Low[step], high = windows.High[step];
            if (low == high) continue;
            row.Values[step] = mean ? Kahan.Mean(values[low..high]) : Kahan.Sum(values[low..high]);
            Bits.Set(row.Present, step);
        }
    }

    private static void SumFour(ReadOnlySpan<double> values, WindowBounds windows, Row row, bool mean, int step, int length)
    {
        int a = windows.Low[step], b = windows.Low[step + 1], c = windows.Low[step + 2], d = windows.Low[step + 3];
        Vector256<double> sum = Vector256<double>.Zero, compensation = sum, infinity = Vector256.Create(double.PositiveInfinity);
        for (var i = 0; i < length; i++)
        {
            Vector256<double> value = Vector256.Create(values[a + i], values[b + i], values[c + i], values[d + i]);
            Vector256<double> total = sum + value;
            Vector256<double> sumIsLarger = Vector256.GreaterThanOrEqual(Vector256.Abs(sum), Vector256.Abs(value));
            compensation += Vector256.ConditionalSelect(sumIsLarger, (sum - total) + value, (value - total) + sum);
            compensation = Vector256.ConditionalSelect(Vector256.Equals(Vector256.Abs(total), infinity), Vector256<double>.Zero, compensation);
            sum = total;
        }

        for (var lane = 0; lane < 4; lane++)
        {
            double laneSum = sum[lane], laneCompensation = compensation[lane];
            int low = windows.Low[step + lane], high = windows.High[step + lane];
            for (int i = low + length; i < high; i++) Kahan.Add(values[i], ref laneSum, ref laneCompensation);
            double result;
            // A mean starts from the first value and leaves the running sum when that overflows.
            if (mean) result = double.IsFinite(laneSum) && laneSum != 0 ? laneSum / (high - low) + laneCompensation / (high - low) : Kahan.Mean(values[low..high]);
            else result = double.IsInfinity(laneSum) ? laneSum : laneSum + laneCompensation;
            row.Values[step + lane] = result;
            Bits.Set(row.Present, step + lane);
        }
    }

    /// <summary>Whether any value is NaN, which orders like no number.</summary>
    public static bool HasNaN(ReadOnlySpan<double> values)
    {
        var at = 0;
        for (; at <= values.Length - Vector256<double>.Count; at += Vector256<double>.Count)
        {
            Vector256<double> some = Vector256.Create(values[at..]);
            if (!Vector256.EqualsAll(some, some)) return true;
        }

        for (; at < values.Length; at++)
            if (double.IsNaN(values[at])) return true;
        return false;
    }
}
