namespace Aion.Tsdb;

/// <summary>
/// Set algebra over ascending, unique series ids. Results are new arrays or one of the inputs; inputs are never written to.
/// </summary>
public static class PostingsSets
{
    /// <summary>When one side is this many times longer, look its ids up instead of walking them.</summary>
    private const int GallopRatio = 16;

    public static uint[] Intersect(uint[] a, uint[] b)
    {
        if (a.Length > b.Length) (a, b) = (b, a);
        if (a.Length == 0) return a;
        var result = new uint[a.Length];
        var count = 0;
        bool gallop = b.Length / a.Length >= GallopRatio;
        int j = 0;
        foreach (uint id in a)
        {
            if (gallop) j = Seek(b, j, id);
            else while (j < b.Length && b[j] < id) j++;
            if (j == b.Length) break;
            if (b[j] == id) result[count++] = id;
        }

        return count == result.Length ? a : result[..count];
    }

    /// <summary>What is in <paramref name="a"/> and not in <paramref name="b"/>.</summary>
    public static uint[] Except(uint[] a, uint[] b)
    {
        if (a.Length == 0 || b.Length == 0) return a;
        var result = new uint[a.Length];
        var count = 0;
        bool gallop = b.Length / a.Length >= GallopRatio;
        int j = 0;
        foreach (uint id in a)
        {
            if (gallop) j = Seek(b, j, id);
            else while (j < b.Length && b[j] < id) j++;
            if (j == b.Length || b[j] != id) result[count++] = id;
        }

        return count == result.Length ? a : result[..count];
    }

    /// <summary>Everything that is in any of the lists, by merging them pairwise.</summary>
    public static uint[] Union(IReadOnlyList<uint[]> lists)
    {
        if (lists.Count == 0) return [];
        var level = new List<uint[]>(lists);
        while (level.Count > 1)
        {
            var merged = new List<uint[]>((level.Count + 1) / 2);
            for (var i = 0; i + 1 < level.Count; i += 2) merged.Add(Union(level[i], level[i + 1]));
            if (level.Count % 2 == 1) merged.Add(level[^1]);
            level = merged;
        }

        return level[0];
    }

    public static uint[] Union(uint[] a, uint[] b)
    {
        if (a.Length == 0) return b;
        if (b.Length == 0) return a;
        var result = new uint[a.Length + b.Length];
        int i = 0, j = 0, count = 0;
        while (i < a.Length && j < b.Length)
        {
            uint x = a[i], y = b[j];
            result[count++] = Math.Min(x, y);
            if (x <= y) i++;
            if (y <= x) j++;
        }

        a.AsSpan(i).CopyTo(result.AsSpan(count));
        count += a.Length - i;
        b.AsSpan(j).CopyTo(result.AsSpan(count));
        count += b.Length - j;
        return count == result.Length ? result : result[..count];
    }

    /// <summary>Whether the two have an id in common.</summary>
    public static bool Overlaps(uint[] a, uint[] b)
    {
        if (a.Length > b.Length) (a, b) = (b, a);
        var j = 0;
        foreach (uint id in a)
        {
            j = Seek(b, j, id);
            if (j == b.Length) return false;
            if (b[j] == id) return true;
        }

        return false;
    }

    /// <summary>First position from <paramref name="from"/> on that holds no smaller id: doubling steps, then halving.</summary>
    private static int Seek(uint[] ids, int from, uint id)
    {
        int step = 1, high = from;
        while (high < ids.Length && ids[high] < id)
        {
            from = high + 1;
            high += step;
            step <<= 1;
        }

        high = Math.Min(high, ids.Length);
        while (from < high)
        {
            int middle = (from + high) >>> 1;
            if (ids[middle] < id) from = middle + 1;
            else high = middle;
        }

        return from;
    }
}
