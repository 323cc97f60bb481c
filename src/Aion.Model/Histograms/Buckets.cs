namespace Aion.Model;

/// <summary>
/// The buckets of one sign: spans, counts, and (in compensated sums) the error of each count. Span arrays are never changed, only replaced;
/// count arrays belong to the histogram that holds them.
/// </summary>
internal readonly record struct Buckets(BucketSpan[] Spans, double[] Counts, double[]? Errors)
{
    /// <summary>Adds another side of the same schema. Its buckets that end at or below the threshold are left out (the zero bucket has them).</summary>
    /// <param name="other">Its errors are added too where both sides have them.</param>
    /// <param name="sign">1 to add, −1 to subtract.</param>
    public Buckets Add(Buckets other, double sign, int schema, double threshold)
    {
        if (other.Counts.Length == 0) return this;
        var b = new BucketCursor(other.Spans, other.Counts.Length);
        bool hasB = b.MoveAbove(threshold, schema);
        if (!hasB) return this;
        if (b.Position == 0 && Counts.Length == other.Counts.Length && Spans.AsSpan().SequenceEqual(other.Spans)) return AddSameLayout(other, sign);
        return Merge(other, sign, b);
    }

    /// <summary>Merges into a coarser schema, leaving out the buckets that end at or below the threshold.</summary>
    public Buckets Reduce(int fromSchema, int toSchema, double threshold = 0)
    {
        var target = new BucketBuilder(Counts.Length, Errors is not null);
        var cursor = new BucketCursor(Spans, Counts.Length);
        for (bool more = cursor.MoveAbove(threshold, fromSchema); more; more = cursor.MoveNext())
        {
            int index = HistogramBounds.ReduceIndex(cursor.Index, fromSchema, toSchema);
            double count = Counts[cursor.Position], error = Errors?[cursor.Position] ?? 0;
            if (!target.IsEmpty && target.LastIndex == index) target.AddToLast(count, error);
            else target.Append(index, count, error);
        }

        return target.ToBuckets();
    }

    /// <summary>
    /// Drops empty buckets and joins spans; runs of up to <paramref name="maxEmptyBuckets"/> empty ones between populated ones are kept (or made).
    /// </summary>
    public Buckets Compact(int maxEmptyBuckets)
    {
        if (IsCompact(maxEmptyBuckets)) return this;
        var target = new BucketBuilder(CompactLength(maxEmptyBuckets), Errors is not null);
        var cursor = new BucketCursor(Spans, Counts.Length);
        while (cursor.MoveNext())
        {
            double count = Counts[cursor.Position], error = Errors?[cursor.Position] ?? 0;
            if (count == 0 && error == 0) continue;
            long gap = target.IsEmpty ? 0 : (long)cursor.Index - target.LastIndex - 1;
            if (gap > 0 && gap <= maxEmptyBuckets)
                for (int index = target.LastIndex + 1; index < cursor.Index; index++) target.Append(index, 0);
            target.Append(cursor.Index, count, error);
        }

        return target.ToBuckets();
    }

    private bool IsCompact(int maxEmptyBuckets)
    {
        for (var i = 0; i < Counts.Length; i++)
            if (Counts[i] == 0) return false;
        for (var i = 0; i < Spans.Length; i++)
            if (Spans[i].Length == 0 || (i > 0 && Spans[i].Offset <= maxEmptyBuckets)) return false;
        return true;
    }

    private int CompactLength(int maxEmptyBuckets)
    {
        long length = 0, last = 0;
        var cursor = new BucketCursor(Spans, Counts.Length);
        while (cursor.MoveNext())
        {
            if (Counts[cursor.Position] == 0 && (Errors?[cursor.Position] ?? 0) == 0) continue;
            long gap = length == 0 ? 0 : cursor.Index - last - 1;
            length += gap > 0 && gap <= maxEmptyBuckets ? gap + 1 : 1;
            last = cursor.Index;
        }

        return checked((int)length);
    }

    private Buckets AddSameLayout(Buckets other, double sign)
    {
        if (Errors is null)
        {
            for (var i = 0; i < Counts.Length; i++) Counts[i] += sign * other.Counts[i];
            return this;
        }

        for (var i = 0; i < Counts.Length; i++)
        {
            KahanSum.Add(sign * other.Counts[i], ref Counts[i], ref Errors[i]);
            if (other.Errors is not null && other.Errors[i] != 0) KahanSum.Add(sign * other.Errors[i], ref Counts[i], ref Errors[i]);
        }

        return this;
    }

    private Buckets Merge(Buckets other, double sign, BucketCursor b)
    {
        var target = new BucketBuilder(Counts.Length + other.Counts.Length, Errors is not null);
        var a = new BucketCursor(Spans, Counts.Length);
        bool hasA = a.MoveNext(), hasB = true;
        while (hasA || hasB)
        {
            bool takeA = hasA && (!hasB || a.Index <= b.Index);
            bool takeB = hasB && (!hasA || b.Index <= a.Index);
            if (takeA) target.Append(a.Index, Counts[a.Position], Errors?[a.Position] ?? 0);
            if (takeB)
            {
                double count = sign * other.Counts[b.Position], error = sign * (other.Errors?[b.Position] ?? 0);
                if (takeA) target.AddToLast(count, error);
                else target.Append(b.Index, count, error);
                hasB = b.MoveNext();
            }

            if (takeA) hasA = a.MoveNext();
        }

        return target.ToBuckets();
    }
}
