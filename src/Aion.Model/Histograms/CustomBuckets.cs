namespace Aion.Model;

/// <summary>Arithmetic on custom buckets whose bounds differ: both sides are folded onto the bounds they share.</summary>
internal static class CustomBuckets
{
    /// <summary>Folds both sides and adds them; a bucket goes to the first common bound at or above its own, else to the one up to +∞.</summary>
    /// <returns>Buckets over <paramref name="common"/> without empty ones.</returns>
    public static Buckets Add(
        Buckets a, ReadOnlySpan<double> boundsA, Buckets b, ReadOnlySpan<double> boundsB, double sign, ReadOnlySpan<double> common)
    {
        double[] sums = new double[common.Length + 1], errors = new double[common.Length + 1];
        Fold(a, boundsA, 1, common, sums, errors);
        Fold(b, boundsB, sign, common, sums, errors);
        bool compensated = a.Errors is not null;
        var target = new BucketBuilder(sums.Length, compensated);
        for (var i = 0; i < sums.Length; i++)
            if (sums[i] != 0 || errors[i] != 0) target.Append(i, sums[i], errors[i]);
        return target.ToBuckets();
    }

    /// <summary>Adds the buckets of one side into one count per common bound and one for the rest.</summary>
    public static void Fold(Buckets source, ReadOnlySpan<double> bounds, double sign, ReadOnlySpan<double> common, double[] sums, double[] errors)
    {
        var at = 0;
        var cursor = new BucketCursor(source.Spans, source.Counts.Length);
        while (cursor.MoveNext())
        {
            int target = common.Length;
            if (cursor.Index >= 0 && cursor.Index < bounds.Length)
            {
                while (at < common.Length && common[at] < bounds[cursor.Index]) at++;
                target = at;
            }

            KahanSum.Add(sign * source.Counts[cursor.Position], ref sums[target], ref errors[target]);
            if (source.Errors is not null) KahanSum.Add(sign * source.Errors[cursor.Position], ref sums[target], ref errors[target]);
        }
    }
}
