using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Aion.PromQL;

/// <summary>Where the values of a counter go down.</summary>
internal static class CounterResets
{
    /// <summary>Writes the indices <c>i</c> with <c>v[i] &lt; v[i−1]</c> as far as they fit; returns how many there are.</summary>
    public static int Find(ReadOnlySpan<double> values, Span<int> resets)
    {
        int count = 0, at = 1;
        ref double start = ref MemoryMarshal.GetReference(values);
        // Every sample of a rate passes here, and hardly any is a reset: four comparisons at once.
        for (; at <= values.Length - Vector256<double>.Count; at += Vector256<double>.Count)
        {
            Vector256<double> here = Vector256.LoadUnsafe(ref start, (nuint)at), before = Vector256.LoadUnsafe(ref start, (nuint)(at - 1));
            for (uint less = Vector256.LessThan(here, before).ExtractMostSignificantBits(); less != 0; less &= less - 1)
                Note(at + BitOperations.TrailingZeroCount(less), resets, ref count);
        }

        for (; at < values.Length; at++)
            if (values[at] < values[at - 1]) Note(at, resets, ref count);
        return count;
    }

    /// <summary>All of them, when a first look has counted more than fitted.</summary>
    public static int[] All(ReadOnlySpan<double> values, int count)
    {
        var resets = new int[count];
        Find(values, resets);
        return resets;
    }

    private static void Note(int index, Span<int> resets, ref int count)
    {
        if (count < resets.Length) resets[count] = index;
        count++;
    }
}
