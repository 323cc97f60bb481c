namespace Aion.Model;

/// <summary>Where the buckets of a native histogram begin and end.</summary>
public static partial class HistogramBounds
{
    public const int MinExponentialSchema = -4;

    public const int MaxExponentialSchema = 8;

    /// <summary>Schemas a writer may send one day; they are read by reducing to <see cref="MaxExponentialSchema"/>.</summary>
    public const int MinReservedSchema = -9;

    /// <inheritdoc cref="MinReservedSchema"/>
    public const int MaxReservedSchema = 52;

    private const int TableSchema = 8;

    public static bool IsCustom(int schema) => schema == FloatHistogram.CustomBucketsSchema;

    public static bool IsExponential(int schema) => schema is >= MinExponentialSchema and <= MaxExponentialSchema;

    /// <summary>A schema that can be computed with as it is.</summary>
    public static bool IsValid(int schema) => IsCustom(schema) || IsExponential(schema);

    /// <summary>A schema that can be read, if need be by reducing its resolution.</summary>
    public static bool IsKnown(int schema) => IsCustom(schema) || schema is >= MinReservedSchema and <= MaxReservedSchema;

    /// <summary>
    /// The upper bound of positive bucket <paramref name="index"/>; its lower bound is the upper bound of the index before. Negative buckets mirror this.
    /// </summary>
    /// <param name="index">Exponential: any. Custom: 0 … number of bounds; −1 gives −∞, and from the number of bounds on +∞.</param>
    /// <param name="schema">A valid schema.</param>
    /// <param name="customValues">The custom bounds; not read for exponential schemas.</param>
    public static double GetBound(int index, int schema, ReadOnlySpan<double> customValues)
    {
        if (!IsCustom(schema)) return GetExponentialBound(index, schema);
        if (index < 0) return double.NegativeInfinity;
        return index < customValues.Length ? customValues[index] : double.PositiveInfinity;
    }

    /// <summary>2^(index·2^−schema); the last bound before +∞ is the largest double, so that infinities have a bucket of their own.</summary>
    public static double GetExponentialBound(int index, int schema)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(schema, TableSchema);
        double fraction = 0.5;
        long exponent;
        if (schema < 0)
        {
            exponent = ((long)index << -schema) + 1;
        }
        else
        {
            int within = index & ((1 << schema) - 1);
            fraction = Fractions[within << (TableSchema - schema)];
            exponent = ((long)index >> schema) + 1;
        }

        if (exponent == 1025 && fraction == 0.5) return double.MaxValue;
        return Math.ScaleB(fraction, (int)Math.Clamp(exponent, -5000, 5000));
    }

    /// <summary>The bucket of a coarser schema that a bucket falls into.</summary>
    public static int ReduceIndex(int index, int fromSchema, int toSchema) => (int)((((long)index - 1) >> (fromSchema - toSchema)) + 1);

    public static bool Same(ReadOnlySpan<double> customValuesA, ReadOnlySpan<double> customValuesB) => customValuesA.SequenceEqual(customValuesB);

    /// <summary>The bounds that both have; both must ascend.</summary>
    public static double[] Intersect(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var common = new List<double>(Math.Min(a.Length, b.Length));
        int i = 0, j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j])
            {
                common.Add(a[i++]);
                j++;
            }
            else if (a[i] < b[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return [.. common];
    }
}
