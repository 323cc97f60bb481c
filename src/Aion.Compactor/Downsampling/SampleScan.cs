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
