using Aion.Model;

namespace Aion.PromQL;

/// <summary>Functions of one float; histograms are silently skipped.</summary>
internal static class MathFunctions
{
    public static RowMap? Find(string name) => name switch
    {
        "abs" => Map(Math.Abs),
        "ceil" => Map(Math.Ceiling),
        "floor" => Map(Math.Floor),
        "exp" => Map(GoExponential.Exp),
        "sqrt" => Map(Math.Sqrt),
        "ln" => Map(GoMath.Log),
        "log2" => Map(GoMath.Log2),
        "log10" => Map(GoMath.Log10),
        "sgn" => Map(Sign),
        "deg" => Map(static v => v * 180 / Math.PI),
        "rad" => Map(static v => v * Math.PI / 180),
        "sin" => Map(GoElementary.Sin),
        "cos" => Map(GoElementary.Cos),
        "tan" => Map(GoElementary.Tan),
        "asin" => Map(GoElementary.Asin),
        "acos" => Map(GoElementary.Acos),
        "atan" => Map(GoElementary.Atan),
        "sinh" => Map(GoElementary.Sinh),
        "cosh" => Map(GoElementary.Cosh),
        "tanh" => Map(GoElementary.Tanh),
        "asinh" => Map(GoExponential.Asinh),
        "acosh" => Map(GoExponential.Acosh),
        "atanh" => Map(GoExponential.Atanh),
        "round" => Round,
        "clamp" => Clamp,
        "clamp_min" => ClampMin,
        "clamp_max" => ClampMax,
        _ => null,
    };

    /// <summary>Go's math.Max: +Inf wins over NaN, and −0 is below 0.</summary>
    public static double GoMax(double a, double b)
    {
        if (double.IsPositiveInfinity(a) || double.IsPositiveInfinity(b)) return double.PositiveInfinity;
        return Math.Max(a, b);
    }

    /// <summary>Go's math.Min: −Inf wins over NaN.</summary>
    public static double GoMin(double a, double b)
    {
        if (double.IsNegativeInfinity(a) || double.IsNegativeInfinity(b)) return double.NegativeInfinity;
        return Math.Min(a, b);
    }

    private static RowMap Map(Func<double, double> function) => (row, _, _) =>
    {
        row.RemoveHistograms();
        double[] values = row.Values;
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) values[i] = function(values[i]);
    };

    private static double Sign(double value) => value < 0 ? -1 : value > 0 ? 1 : value;

    /// <summary>To the nearest multiple, ties up. Multiplying by the inverse keeps the result exact for fractions such as 0.1.</summary>
    private static void Round(Row row, StepGrid grid, double[][] scalars)
    {
        row.RemoveHistograms();
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            double inverse = 1.0 / (scalars.Length == 0 ? 1 : scalars[0][i]);
            row.Values[i] = Math.Floor(row.Values[i] * inverse + 0.5) / inverse;
        }
    }

    private static void Clamp(Row row, StepGrid grid, double[][] scalars)
    {
        row.RemoveHistograms();
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            double min = scalars[0][i], max = scalars[1][i];
            if (max < min) row.Remove(i);
            else row.Values[i] = GoMax(min, GoMin(max, row.Values[i]));
        }
    }

    private static void ClampMin(Row row, StepGrid grid, double[][] scalars)
    {
        row.RemoveHistograms();
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
            row.Values[i] = GoMax(scalars[0][i], GoMin(double.PositiveInfinity, row.Values[i]));
    }

    private static void ClampMax(Row row, StepGrid grid, double[][] scalars)
    {
        row.RemoveHistograms();
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
            row.Values[i] = GoMax(double.NegativeInfinity, GoMin(scalars[0][i], row.Values[i]));
    }
}
