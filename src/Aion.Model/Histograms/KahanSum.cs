using System.Runtime.CompilerServices;

namespace Aion.Model;

/// <summary>Kahan–Neumaier summation: a running sum and the error it has made so far. The result is <c>sum + compensation</c>.</summary>
public static class KahanSum
{
    // Benchmark Aggregation.Sum: called per sample.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double increment, ref double sum, ref double compensation)
    {
        double total = sum + increment;
        // An infinite sum has no meaningful error, and keeping one would turn it into NaN.
        if (double.IsInfinity(total)) compensation = 0;
        else if (Math.Abs(sum) >= Math.Abs(increment)) compensation += (sum - total) + increment;
        else compensation += (increment - total) + sum;
        sum = total;
    }
}
