using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aion.PromQL;

/// <summary>Quantiles of windows, from a sorted window that samples enter and leave.</summary>
/// <remarks>Values that compare as equal (zeros of both signs) stand in order of time, as a stable sort leaves them: the oldest is the first.</remarks>
internal static class WindowQuantiles
{
    private const int FirstCapacity = 256;

    /// <param name="values">The samples of the series.</param>
    /// <param name="windows">The windows among them.</param>
    /// <param name="row">Takes the quantiles.</param>
    /// <param name="scratch">Of the worker.</param>
    /// <param name="quantiles">One a step.</param>
    public static void Fill(ReadOnlySpan<double> values, WindowBounds windows, Row row, RangeScratch scratch, double[] quantiles)
    {
        int count = 0, from = 0, to = 0, work = 0;
        bool numbers = !FloatWindows.HasNaN(values);
        double[] sorted = scratch.Doubles(FirstCapacity);
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
                // One that leaves makes room for one that enters: only what lies between the two is moved.
                for (; numbers && from < low && to < high; from++, to++)
                {
                    windows.Poll(count / 16, ref work);
                    Replace(sorted.AsSpan(0, count), values[from], values[to]);
                }

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
        double[] grown = scratch.Doubles(needed);
        sorted.AsSpan(0, count).CopyTo(grown);
        return grown;
    }

    private static void Replace(Span<double> sorted, double old, double fresh)
    {
        (int at, int place) = Places(sorted, old, fresh);
        if (place > at)
        {
            sorted[(at + 1)..place].CopyTo(sorted[at..]);
            sorted[place - 1] = fresh;
        }
        else
        {
            sorted[place..at].CopyTo(sorted[(place + 1)..]);
            sorted[place] = fresh;
        }
    }

    /// <summary>
    /// How many values are less than one number, and how many are not greater than another. Both searches at once and without branches, as
    /// there is no telling which way one goes.
    /// </summary>
    private static (int Less, int NotGreater) Places(ReadOnlySpan<double> sorted, double less, double notGreater)
    {
        ref double first = ref MemoryMarshal.GetReference(sorted);
        int a = 0, b = 0, length = sorted.Length;
        while (length > 1)
        {
            int half = length >> 1;
            a += half & -Bit(Unsafe.Add(ref first, a + half - 1) < less);
            b += half & -Bit(Unsafe.Add(ref first, b + half - 1) <= notGreater);
            length -= half;
        }

        return (a + Bit(Unsafe.Add(ref first, a) < less), b + Bit(Unsafe.Add(ref first, b) <= notGreater));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bit(bool condition) => Unsafe.BitCast<bool, byte>(condition);

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
}
