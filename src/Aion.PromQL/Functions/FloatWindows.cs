namespace Aion.PromQL;

/// <summary>One value of one window of floats; the window is not empty.</summary>
internal interface IFloatKernel
{
    double Evaluate(ReadOnlySpan<long> times, ReadOnlySpan<double> values);
}

/// <summary>Moves the window over a decoded series. The kernel is a struct, so each use compiles to a loop of its own.</summary>
internal static class FloatWindows
{
    public static void Run<TKernel>(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, in WindowSequence windows, Row row, TKernel kernel)
        where TKernel : struct, IFloatKernel
    {
        int low = 0, high = 0;
        long end = windows.Ends.StartMs;
        double[] target = row.Values;
        for (var step = 0; step < windows.Ends.Count; step++, end += windows.Ends.StepMs)
        {
            long start = end - windows.RangeMs;
            while (high < times.Length && times[high] <= end) high++;
            while (low < high && times[low] <= start) low++;
            if (low == high) continue;
            target[step] = kernel.Evaluate(times[low..high], values[low..high]);
            Bits.Set(row.Present, step);
        }
    }
}
