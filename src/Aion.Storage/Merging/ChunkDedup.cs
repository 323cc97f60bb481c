using System.IO.Hashing;

namespace Aion.Storage;

/// <summary>
/// Puts the stretches of one series together: each chunk once, by min time, then max time, then content. Chunks are the same when their
/// hashes are; of replicas that differ in a sample both stay, for the deduplication of samples to decide.
/// </summary>
public static class ChunkDedup
{
    /// <param name="stretches">At least one, all with the same labels.</param>
    public static ChunkSeries Combine(IReadOnlyList<ChunkSeries> stretches)
    {
        if (stretches.Count == 1 && IsOrdered(stretches[0].Chunks)) return stretches[0];
        var total = 0;
        for (var i = 0; i < stretches.Count; i++) total += stretches[i].Chunks.Count;
        if (total == 0) return stretches[0];
        if (TryJoin(stretches, total) is { } joined) return stretches[0] with { Chunks = joined };

        var seen = new HashSet<ulong>(total);
        var kept = new List<SeriesChunk>(total);
        for (var i = 0; i < stretches.Count; i++)
        {
            IReadOnlyList<SeriesChunk> chunks = stretches[i].Chunks;
            for (var c = 0; c < chunks.Count; c++)
                if (IsNew(chunks[c], seen)) kept.Add(chunks[c]);
        }

        kept.Sort(Compare);
        return stretches[0] with { Chunks = kept };
    }

    /// <summary>By min time, then max time, then bytes.</summary>
    public static int Compare(SeriesChunk a, SeriesChunk b)
    {
        int order = a.MinTimeMs.CompareTo(b.MinTimeMs);
        if (order == 0) order = a.MaxTimeMs.CompareTo(b.MaxTimeMs);
        if (order == 0) order = a.Raw.Data.Span.SequenceCompareTo(b.Raw.Data.Span);
        if (order != 0 || a.Downsampled is null || b.Downsampled is null) return order;
        ReadOnlySpan<Chunk> left = Parts(a.Downsampled), right = Parts(b.Downsampled);
        for (var i = 0; i < left.Length && order == 0; i++) order = left[i].Data.Span.SequenceCompareTo(right[i].Data.Span);
        return order;
    }

    /// <summary>Chunks that follow one another without overlap can't be duplicates and need no sorting.</summary>
    private static bool IsOrdered(IReadOnlyList<SeriesChunk> chunks)
    {
        for (var i = 1; i < chunks.Count; i++)
            if (chunks[i].MinTimeMs <= chunks[i - 1].MaxTimeMs) return false;
        return true;
    }

    /// <summary>The usual case, blocks one after another: nothing can be there twice, so there is nothing to hash or to sort.</summary>
    private static SeriesChunk[]? TryJoin(IReadOnlyList<ChunkSeries> stretches, int total)
    {
        long end = long.MinValue;
        for (var i = 0; i < stretches.Count; i++)
        {
            IReadOnlyList<SeriesChunk> chunks = stretches[i].Chunks;
            if (chunks.Count == 0) continue;
            if (i > 0 && chunks[0].MinTimeMs <= end || !IsOrdered(chunks)) return null;
            for (var c = 0; c < chunks.Count; c++)
                if (IsHollow(chunks[c])) return null;
            end = chunks[^1].MaxTimeMs;
        }

        var all = new SeriesChunk[total];
        var at = 0;
        for (var i = 0; i < stretches.Count; i++)
        {
            IReadOnlyList<SeriesChunk> chunks = stretches[i].Chunks;
            if (chunks is SeriesChunk[] array) array.CopyTo(all, at);
            else
                for (var c = 0; c < chunks.Count; c++) all[at + c] = chunks[c];
            at += chunks.Count;
        }

        return all;
    }

    /// <summary>An aggregate chunk none of whose parts was asked for; these go out.</summary>
    private static bool IsHollow(in SeriesChunk chunk) => chunk is
    {
        Raw.IsEmpty: true,
        Downsampled: { Count.IsEmpty: true, Sum.IsEmpty: true, Min.IsEmpty: true, Max.IsEmpty: true, Counter.IsEmpty: true },
    };

    private static bool IsNew(in SeriesChunk chunk, HashSet<ulong> seen)
    {
        if (!chunk.Raw.IsEmpty) return seen.Add(HashOf(chunk.Raw));
        if (chunk.Downsampled is not { } parts) return true;
        // An aggregate chunk is new as soon as one of its parts is.
        foreach (Chunk part in Parts(parts))
            if (!part.IsEmpty && seen.Add(HashOf(part))) return true;
        return false;
    }

    private static Chunk[] Parts(AggregateChunks chunks) => [chunks.Count, chunks.Max, chunks.Min, chunks.Sum, chunks.Counter];

    private static ulong HashOf(in Chunk chunk) => chunk.Hash != 0 ? chunk.Hash : XxHash64.HashToUInt64(chunk.Data.Span);
}
