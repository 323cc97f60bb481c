using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aion.Compactor;

/// <summary>
/// Aggregates of whole numbers that are small enough for every sum of them to be exact (<see cref="SampleScan.AreExact"/>): the order of
/// additions makes no difference then, so four go at once, and a counter that does not fall grows by the difference of its ends.
/// </summary>
// Benchmark compaction, downsample: most counters and many gauges are whole numbers.
internal static class ExactWindow
{
    /// <summary>Sums of so many values below 2^36 are below 2^53.</summary>
    public const int MostSamples = 1 << 16;

    /// <param name="window">Not empty.</param>
    public static void Sum(ReadOnlySpan<double> window, out double sum, out double min, out double max)
    {
        ref double start = ref MemoryMarshal.GetReference(window);
        var at = 0;
        sum = 0;
        min = max = window[0];
        if (window.Length >= Vector256<double>.Count)
        {
            Vector256<double> sums = Vector256.LoadUnsafe(ref start), mins = sums, maxs = sums;
            for (at = Vector256<double>.Count; at <= window.Length - Vector256<double>.Count; at += Vector256<double>.Count)
            {
                var values = Vector256.LoadUnsafe(ref start, (nuint)at);
                sums += values;
                mins = Vector256.MinNative(mins, values);
                maxs = Vector256.MaxNative(maxs, values);
            }

            sum = Vector256.Sum(sums);
            Vector128<double> low = Vector128.MinNative(mins.GetLower(), mins.GetUpper()), high = Vector128.MaxNative(maxs.GetLower(), maxs.GetUpper());
            min = double.MinNative(low[0], low[1]);
            max = double.MaxNative(high[0], high[1]);
        }

        for (; at < window.Length; at++)
        {
            double value = window[at];
            sum += value;
            min = value < min ? value : min;
            max = value > max ? value : max;
        }
    }

    /// <summary>The counter's total at the end of the window.</summary>
    /// <param name="previous">The value before the window.</param>
    /// <param name="total">The total before it.</param>
    public static double Count(ReadOnlySpan<double> window, double previous, double total)
    {
        if (window[0] >= previous && SampleScan.NeverFall(window)) return total + (window[^1] - previous);
        foreach (double value in window)
        {
            total += value >= previous ? value - previous : value;
            previous = value;
        }

        return total;
    }
}
