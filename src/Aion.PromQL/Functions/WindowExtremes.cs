using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aion.PromQL;

/// <summary>
/// Minima or maxima of windows: of equal values the first, and NaN loses to any number. Bit-equal to a walk through each window.
/// </summary>
/// <remarks>
/// A window is cut in two: of the samples before the cut the extreme of each sample and all behind it up to the cut is known, of those
/// after it the extreme so far. When no sample before the cut is left, the cut moves to the end of the window. So each sample is looked
/// at twice, whatever the length of the windows, and no branch depends on a value.
/// </remarks>
internal static class WindowExtremes
{
    /// <summary>Which of two values, or extremes of two neighbouring stretches, is the extreme of both.</summary>
    private interface IChoice
    {
        static abstract double Of(double earlier, double later);
    }

    public static void Fill(ReadOnlySpan<double> values, WindowBounds windows, Row row, RangeScratch scratch, bool max)
    {
        bool numbers = !FloatWindows.HasNaN(values);
        if (max)
        {
            if (numbers) Fill<MaxOfNumbers>(values, windows, row, scratch);
            else Fill<MaxOfAny>(values, windows, row, scratch);
        }
        else
        {
            if (numbers) Fill<MinOfNumbers>(values, windows, row, scratch);
            else Fill<MinOfAny>(values, windows, row, scratch);
        }
    }

    private static void Fill<TChoice>(ReadOnlySpan<double> values, WindowBounds windows, Row row, RangeScratch scratch)
        where TChoice : struct, IChoice
    {
        double[] upToCut = scratch.Doubles(values.Length);
        double afterCut = 0;
        int cut = 0, taken = 0, work = 0;
        for (var step = 0; step < windows.Count; step++)
        {
            int low = windows.Low[step], high = windows.High[step];
            if (low == high) continue;
            if (low >= cut)
            {
                windows.Poll(high - low, ref work);
                FillUpTo<TChoice>(values, low, high, upToCut);
                cut = taken = high;
            }

            for (; taken < high; taken++) afterCut = taken == cut ? values[taken] : TChoice.Of(afterCut, values[taken]);
            row.Values[step] = taken == cut ? upToCut[low] : TChoice.Of(upToCut[low], afterCut);
            Bits.Set(row.Present, step);
        }
    }

    private static void FillUpTo<TChoice>(ReadOnlySpan<double> values, int low, int cut, double[] upToCut)
        where TChoice : struct, IChoice
    {
        double extreme = values[cut - 1];
        upToCut[cut - 1] = extreme;
        for (int i = cut - 2; i >= low; i--)
        {
            extreme = TChoice.Of(values[i], extreme);
            upToCut[i] = extreme;
        }
    }

    // The instructions give their second operand where both are equal, which is what is asked here.
    private readonly struct MaxOfNumbers : IChoice
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static double Of(double earlier, double later) => Sse2.IsSupported
            ? Sse2.MaxScalar(Vector128.CreateScalarUnsafe(later), Vector128.CreateScalarUnsafe(earlier)).ToScalar()
            : later > earlier ? later : earlier;
    }

    private readonly struct MinOfNumbers : IChoice
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static double Of(double earlier, double later) => Sse2.IsSupported
            ? Sse2.MinScalar(Vector128.CreateScalarUnsafe(later), Vector128.CreateScalarUnsafe(earlier)).ToScalar()
            : later < earlier ? later : earlier;
    }

    private readonly struct MaxOfAny : IChoice
    {
        public static double Of(double earlier, double later) => double.IsNaN(earlier) || later > earlier ? later : earlier;
    }

    private readonly struct MinOfAny : IChoice
    {
        public static double Of(double earlier, double later) => double.IsNaN(earlier) || later < earlier ? later : earlier;
    }
}
