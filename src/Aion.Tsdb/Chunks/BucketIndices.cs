using Aion.Model;

namespace Aion.Tsdb;

/// <summary>Spans as the plain list of bucket indices they stand for, to compare and merge layouts (format notes F-6.25).</summary>
internal static class BucketIndices
{
    /// <summary>The indices, ascending.</summary>
    /// <exception cref="ArgumentException">The spans overlap, leave the range of int, or do not fit the number of buckets.</exception>
    public static int[] Of(BucketSpan[] spans, int buckets)
    {
        var indices = new int[buckets];
        var count = 0;
        long next = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            BucketSpan span = spans[i];
            next += span.Offset;
            if ((i > 0 && span.Offset < 0) || span.Length > buckets - count || next < int.MinValue || next + span.Length > int.MaxValue)
                throw new ArgumentException($"histogram: span {i} does not fit {buckets} buckets", nameof(spans));
            for (uint k = 0; k < span.Length; k++) indices[count++] = (int)next++;
        }

        return count == buckets
            ? indices
            : throw new ArgumentException($"histogram: spans of {count} buckets, but {buckets} buckets", nameof(spans));
    }

    /// <summary>The shortest spans for ascending indices.</summary>
    public static BucketSpan[] ToSpans(int[] indices)
    {
        var spans = new List<BucketSpan>();
        var end = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            if (i > 0 && indices[i] == end) spans[^1] = spans[^1] with { Length = spans[^1].Length + 1 };
            else spans.Add(new BucketSpan(i == 0 ? indices[i] : indices[i] - end, 1));
            end = indices[i] + 1;
        }

        return [.. spans];
    }

    public static int[] Union(int[] a, int[] b)
    {
        var union = new List<int>(a.Length + b.Length);
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
        {
            int next = j == b.Length || (i < a.Length && a[i] <= b[j]) ? a[i] : b[j];
            union.Add(next);
            if (i < a.Length && a[i] == next) i++;
            if (j < b.Length && b[j] == next) j++;
        }

        return [.. union];
    }

    /// <summary>Moves values from their indices to a list of indices that holds all of them; new places are zero.</summary>
    public static T[] Widen<T>(ReadOnlySpan<T> values, int[] from, int[] to)
        where T : struct
    {
        var widened = new T[to.Length];
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            while (to[at] != from[i]) at++;
            widened[at] = values[i];
        }

        return widened;
    }

    /// <summary>Bucket counts of a later histogram that fell below an earlier one's, or buckets with counts that are gone.</summary>
    public static bool AnyDecreased<T>(ReadOnlySpan<T> before, int[] beforeAt, ReadOnlySpan<T> after, int[] afterAt)
        where T : struct, System.Numerics.INumber<T>
    {
        var j = 0;
        for (var i = 0; i < before.Length; i++)
        {
            while (j < after.Length && afterAt[j] < beforeAt[i]) j++;
            T now = j < after.Length && afterAt[j] == beforeAt[i] ? after[j] : T.Zero;
            if (now < before[i]) return true;
        }

        return false;
    }
}
