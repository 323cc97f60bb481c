using System.Numerics;
using System.Runtime.InteropServices;

namespace Aion.Compactor;

/// <summary>Questions about many samples at once, asked before the plain loop is taken.</summary>
internal static class SampleScan
{
    /// <summary>Any of the values is not a number; a stale marker is one of these.</summary>
    public static bool AnyNaN(ReadOnlySpan<double> values)
    {
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        foreach (Vector<double> vector in vectors)
            if (!Vector.EqualsAll(vector, vector)) return true;
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
            if (double.IsNaN(value)) return true;
        return false;
    }

    /// <summary>
    /// All values are whole numbers, none −0, small enough for sums of more of them than a chunk can hold to be exact.
    /// </summary>
    public static bool AreExact(ReadOnlySpan<double> values)
    {
        // Added and taken away again, this rounds to whole numbers; to what is too large for it nothing happens, but the limit is far below.
        const double Rounding = 1.5 * (1L << 52);
        const double Limit = 1L << 36;
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        foreach (Vector<double> vector in vectors)
        {
            Vector<double> whole = vector + new Vector<double>(Rounding) - new Vector<double>(Rounding);
            if (!Vector.EqualsAll(Vector.AsVectorInt64(whole), Vector.AsVectorInt64(vector))) return false;
            if (!Vector.LessThanAll(Vector.Abs(vector), new Vector<double>(Limit))) return false;
        }

        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            if (!(Math.Abs(value) < Limit)) return false;
            double whole = value + Rounding - Rounding;
            if (BitConverter.DoubleToInt64Bits(whole) != BitConverter.DoubleToInt64Bits(value)) return false;
        }

        return true;
    }

    /// <summary>No value is below the one in front of it.</summary>
    public static bool NeverFall(ReadOnlySpan<double> values)
    {
        var at = 1;
        ref double start = ref MemoryMarshal.GetReference(values);
        for (; at <= values.Length - Vector<double>.Count; at += Vector<double>.Count)
        {
            var here = Vector.LoadUnsafe(ref start, (nuint)at);
            var before = Vector.LoadUnsafe(ref start, (nuint)at - 1);
            if (Vector.LessThanAny(here, before)) return false;
        }

        for (; at < values.Length; at++)
            if (values[at] < values[at - 1]) return false;
        return true;
    }

    /// <summary>No time is before the one in front of it.</summary>
    public static bool NeverFall(ReadOnlySpan<long> times)
    {
        var at = 1;
        ref long start = ref MemoryMarshal.GetReference(times);
        for (; at <= times.Length - Vector<long>.Count; at += Vector<long>.Count)
        {
            var here = Vector.LoadUnsafe(ref start, (nuint)at);
            var before = Vector.LoadUnsafe(ref start, (nuint)at - 1);
            if (Vector.LessThanAny(here, before)) return false;
        }

        for (; at < times.Length; at++)
            if (times[at] < times[at - 1]) return false;
        return true;
    }
}
