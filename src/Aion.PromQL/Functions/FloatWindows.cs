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

    /// <summary>Minima or maxima, by a queue of the samples that can still become one. NaN loses to any number.</summary>
    public static void Extreme(ReadOnlySpan<double> values, WindowBounds windows, Row row, RangeScratch scratch, bool max)
    {
        int[] queue = scratch.Deque(values.Length);
        int head = 0, tail = 0, taken = 0;
        for (var step = 0; step < windows.Count; step++)
        {
            int low = windows.Low[step], high = windows.High[step];
            if (low == high) continue;
            for (taken = Math.Max(taken, low); taken < high; taken++)
            {
                double value = values[taken];
                while (tail > head && Loses(values[queue[tail - 1]], value, max)) tail--;
                queue[tail++] = taken;
            }

            while (queue[head] < low) head++;
            row.Values[step] = values[queue[head]];
            Bits.Set(row.Present, step);
        }
    }

    /// <summary>Quantiles, from a sorted window that samples enter and leave.</summary>
    public static void Quantile(ReadOnlySpan<double> values, WindowBounds windows, Row row, RangeScratch scratch, double[] quantiles)
    {
        int count = 0, from = 0, to = 0, work = 0;
        double[] sorted = scratch.Sorted(256);
        for (var step = 0; step < windows.Count; step++)
        {
            int low = windows.Low[step], high = windows.High[step];
            if (low == high) continue;
            sorted = Grown(scratch, sorted, count, high - low + (high - to));
            if (low >= to || (low - from) + (high - to) > (high - low) / 2)
            {
                windows.Poll(high - low, ref work);
                values[low..high].CopyTo(sorted);
                sorted.AsSpan(0, high - low).Sort();
                count = high - low;
            }
            else
            {
                for (; from < low; from++)
                {
                    windows.Poll(count / 16, ref work);
                    Remove(sorted, ref count, values[from]);
                }

                for (; to < high; to++)
                {
                    windows.Poll(count / 16, ref work);
                    Insert(sorted, ref count, values[to]);
                }
            }

            (from, to) = (low, high);
            row.Values[step] = Quantiles.OfSorted(quantiles[step], sorted.AsSpan(0, count));
            Bits.Set(row.Present, step);
        }
    }

    private static double[] Grown(RangeScratch scratch, double[] sorted, int count, int needed)
    {
        if (sorted.Length >= needed) return sorted;
        double[] grown = scratch.Sorted(needed);
        sorted.AsSpan(0, count).CopyTo(grown);
        return grown;
    }

    // Values that compare as equal (zeros of both signs) stand in order of time, as a stable sort leaves them: the oldest is the first.
    private static void Remove(double[] sorted, ref int count, double value)
    {
        int at = Below(sorted.AsSpan(0, count), value, withEqual: false);
        Array.Copy(sorted, at + 1, sorted, at, count - at - 1);
        count--;
    }

    private static void Insert(double[] sorted, ref int count, double value)
    {
        int at = Below(sorted.AsSpan(0, count), value, withEqual: true);
        Array.Copy(sorted, at, sorted, at + 1, count - at);
        sorted[at] = value;
        count++;
    }

    /// <summary>How many values sort before this one; NaN sorts first.</summary>
    private static int Below(ReadOnlySpan<double> sorted, double value, bool withEqual)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            int order = sorted[middle].CompareTo(value);
            if (order < 0 || (withEqual && order == 0)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static bool Loses(double earlier, double later, bool max) =>
        double.IsNaN(earlier) || (max ? earlier < later : earlier > later);
}
