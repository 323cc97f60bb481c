using System.Runtime.CompilerServices;

namespace Aion.PromQL;

/// <summary>Neumaier's compensated sum, step by step as Prometheus does it, so that sums agree to the last bit.</summary>
internal static class Kahan
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double value, ref double sum, ref double compensation)
    {
        double t = sum + value;
        if (double.IsInfinity(t)) compensation = 0;
        else if (Math.Abs(sum) >= Math.Abs(value)) compensation += (sum - t) + value;
        else compensation += (value - t) + sum;
        sum = t;
    }

    public static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0, compensation = 0;
        foreach (double value in values) Add(value, ref sum, ref compensation);
        return double.IsInfinity(sum) ? sum : sum + compensation;
    }

    /// <summary>The mean: of the running sum, or incrementally from where the sum would overflow.</summary>
    public static double Mean(ReadOnlySpan<double> values)
    {
        double sum = values[0], compensation = 0, mean = 0;
        double count = 1;
        var incremental = false;
        for (var i = 1; i < values.Length; i++)
        {
            count = i + 1;
            if (!incremental)
            {
                double newSum = sum, newCompensation = compensation;
                Add(values[i], ref newSum, ref newCompensation);
                if (!double.IsInfinity(newSum))
                {
                    sum = newSum;
                    compensation = newCompensation;
                    continue;
                }

                incremental = true;
                mean = sum / (count - 1);
                compensation /= count - 1;
            }

            double q = (count - 1) / count;
            mean *= q;
            compensation *= q;
            Add(values[i] / count, ref mean, ref compensation);
        }

        return incremental ? mean + compensation : sum / count + compensation / count;
    }
}

/// <summary>Order statistics over floats.</summary>
internal static class Quantiles
{
    /// <summary>The q-quantile by linear interpolation; sorts <paramref name="values"/> (NaN first). Empty: NaN.</summary>
    public static double Of(double q, Span<double> values)
    {
        values.Sort();
        return OfSorted(q, values);
    }

    /// <summary>The q-quantile of values in ascending order, NaN first.</summary>
    public static double OfSorted(double q, ReadOnlySpan<double> values)
    {
        if (values.Length == 0 || double.IsNaN(q)) return double.NaN;
        if (q < 0) return double.NegativeInfinity;
        if (q > 1) return double.PositiveInfinity;
        double n = values.Length;
        double rank = q * (n - 1);
        double lower = Math.Max(0, Math.Floor(rank));
        double upper = Math.Min(n - 1, lower + 1);
        double weight = rank - Math.Floor(rank);
        return values[(int)lower] * (1 - weight) + values[(int)upper] * weight;
    }
}
