namespace Aion.StoreGateway;

/// <summary>The pieces of an object in which a range lies. Pure.</summary>
internal static class Subranges
{
    /// <summary>Pieces as they are cached, each <c>[Start, End)</c>; the object's last ends with the object.</summary>
    /// <param name="length">Of the range from <paramref name="offset"/> on; it lies within the object.</param>
    public static ByteRange[] Of(long offset, long length, int pieceBytes, long objectBytes)
    {
        long first = offset / pieceBytes, last = (offset + length - 1) / pieceBytes;
        var pieces = new ByteRange[last - first + 1];
        for (var i = 0; i < pieces.Length; i++)
            pieces[i] = new ByteRange((first + i) * pieceBytes, Math.Min((first + i + 1) * pieceBytes, objectBytes));
        return pieces;
    }

    /// <summary>
    /// Groups missing pieces into reads: neighbours together, and then, until there are few enough, those with ever larger gaps between
    /// them; what lies in the gaps is read again.
    /// </summary>
    /// <param name="missing">Positions of pieces, ascending.</param>
    /// <param name="maxReads">0 or less: no limit.</param>
    /// <returns>First and last piece of each read.</returns>
    public static List<(int First, int Last)> Reads(IReadOnlyList<int> missing, int maxReads)
    {
        List<(int First, int Last)> reads = [.. missing.Select(i => (i, i))];
        reads = Merge(reads, 0);
        for (long gap = 1; maxReads > 0 && reads.Count > maxReads; gap *= 2) reads = Merge(reads, gap);
        return reads;
    }

    private static List<(int First, int Last)> Merge(List<(int First, int Last)> reads, long gap)
    {
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in reads)
        {
            if (merged.Count > 0 && first - merged[^1].Last - 1 <= gap) merged[^1] = (merged[^1].First, last);
            else merged.Add((first, last));
        }

        return merged;
    }
}
