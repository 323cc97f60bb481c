using System.IO.Hashing;

namespace Aion.Storage;

/// <summary>Joins the chunks of several appearances of one series: equal bytes once, in order of time (query notes ).</summary>
public static class ChunkUnion
{
    public static IReadOnlyList<SeriesChunk> Of(IReadOnlyList<ChunkSeries> appearances)
    {
        var chunks = new List<SeriesChunk>(appearances.Sum(a => a.Chunks.Count));
        var seen = new HashSet<ulong>();
        foreach (ChunkSeries appearance in appearances)
            foreach (SeriesChunk chunk in appearance.Chunks)
                if (IsNew(chunk, seen)) chunks.Add(chunk);
        chunks.Sort(Order);
        return chunks;
    }

    /// <summary>A downsampled chunk stays whole as soon as one of its parts is new.</summary>
    private static bool IsNew(SeriesChunk chunk, HashSet<ulong> seen)
    {
        if (!chunk.Raw.IsEmpty) return seen.Add(HashOf(chunk.Raw));
        if (chunk.Downsampled is not { } parts) return true;
        foreach (Chunk part in (ReadOnlySpan<Chunk>)[parts.Count, parts.Max, parts.Min, parts.Sum, parts.Counter])
            if (!part.IsEmpty && seen.Add(HashOf(part))) return true;
        return false;
    }

    private static ulong HashOf(Chunk chunk) => chunk.Hash != 0 ? chunk.Hash : XxHash64.HashToUInt64(chunk.Data.Span);

    private static int Order(SeriesChunk a, SeriesChunk b)
    {
        int order = a.MinTimeMs.CompareTo(b.MinTimeMs);
        if (order == 0) order = a.MaxTimeMs.CompareTo(b.MaxTimeMs);
        return order != 0 ? order : BytesOf(a).SequenceCompareTo(BytesOf(b));
    }

    private static ReadOnlySpan<byte> BytesOf(SeriesChunk chunk) =>
        chunk.Downsampled is { } parts ? (parts.Count.IsEmpty ? parts.Sum : parts.Count).Data.Span : chunk.Raw.Data.Span;
}
