using Aion.Blocks;

namespace Aion.StoreGateway;

/// <summary>
/// Which blocks of one group answer a time range: the coarsest resolution allowed, its gaps filled with finer blocks (query notes ).
/// </summary>
internal static class BlockSelector
{
    private static readonly long[] Resolutions = [BlockResolution.OneHour, BlockResolution.FiveMinutes, BlockResolution.Raw];

    /// <param name="blocks">Blocks of one set of external labels, in any order.</param>
    /// <param name="meta">The block's meta.</param>
    /// <param name="minMs">First millisecond asked for.</param>
    /// <param name="maxMs">Last millisecond asked for, inclusive; the end of a block is exclusive.</param>
    public static List<T> Select<T>(IReadOnlyList<T> blocks, Func<T, BlockMeta> meta, long minMs, long maxMs, long maxResolutionMs)
    {
        var selected = new List<T>();
        Dictionary<long, List<T>> byResolution = blocks
            .GroupBy(b => meta(b).Thanos.ResolutionMs)
            .ToDictionary(g => g.Key, g => g.OrderBy(b => meta(b).MinTimeMs).ThenBy(b => meta(b).MaxTimeMs).ToList());
        int level = 0;
        while (level < Resolutions.Length - 1 && Resolutions[level] > maxResolutionMs) level++;
        Fill(level, minMs, maxMs);
        return selected;

        void Fill(int at, long from, long to)
        {
            if (at >= Resolutions.Length || from > to) return;
            long start = from;
            foreach (T block in byResolution.GetValueOrDefault(Resolutions[at]) ?? [])
            {
                BlockMeta m = meta(block);
                if (m.MaxTimeMs <= from) continue;
                if (m.MinTimeMs > to) break;
                if (m.MinTimeMs > start) Fill(at + 1, start, m.MinTimeMs - 1);
                selected.Add(block);
                start = Math.Max(start, m.MaxTimeMs);
            }

            if (start <= to) Fill(at + 1, start, to);
        }
    }
}
