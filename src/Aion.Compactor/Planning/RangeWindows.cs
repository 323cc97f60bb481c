using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>Chooses blocks that together make a longer block (L-4.6).</summary>
internal static class RangeWindows
{
    /// <summary>The blocks of the first window, of the shortest length, that is worth merging; none when no window is.</summary>
    /// <param name="blocks">By start, without the newest of the group.</param>
    /// <param name="isLeftAlone">Such blocks hold their place in a window and divide it.</param>
    public static IReadOnlyList<BlockMeta> Select(IReadOnlyList<BlockMeta> blocks, IReadOnlyList<long> rangesMs, Func<BlockMeta, bool> isLeftAlone)
    {
        if (blocks.Count == 0) return [];
        long newestStart = blocks[^1].MinTimeMs;
        foreach (long range in rangesMs.Skip(1))
        {
            foreach (List<BlockMeta> window in Split(blocks, range))
            {
                if (window.Count < 2 || window.Exists(b => b.Compaction.Failed)) continue;
                long start = window[0].MinTimeMs, end = window[^1].MaxTimeMs;
                // A window that is not full waits until a block behind it shows that nothing more will come.
                if (end - start != range && end > newestStart) continue;
                if (FirstUndivided(window, isLeftAlone) is { } chosen) return chosen;
            }
        }

        return [];
    }

    /// <summary>Windows start at multiples of their length; a block that reaches over its window's end is in none.</summary>
    internal static IEnumerable<List<BlockMeta>> Split(IReadOnlyList<BlockMeta> blocks, long rangeMs)
    {
        var i = 0;
        while (i < blocks.Count)
        {
            long end = WindowStart(blocks[i].MinTimeMs, rangeMs) + rangeMs;
            if (blocks[i].MaxTimeMs > end)
            {
                i++;
                continue;
            }

            var window = new List<BlockMeta>();
            while (i < blocks.Count && blocks[i].MaxTimeMs <= end) window.Add(blocks[i++]);
            yield return window;
        }
    }

    private static List<BlockMeta>? FirstUndivided(List<BlockMeta> window, Func<BlockMeta, bool> isLeftAlone)
    {
        var from = 0;
        for (var i = 0; i <= window.Count; i++)
        {
            if (i < window.Count && !isLeftAlone(window[i])) continue;
            if (i - from > 1) return window.GetRange(from, i - from);
            from = i + 1;
        }

        return null;
    }

    private static long WindowStart(long timeMs, long rangeMs)
    {
        long quotient = Math.DivRem(timeMs, rangeMs, out long remainder);
        return (remainder < 0 ? quotient - 1 : quotient) * rangeMs;
    }
}
