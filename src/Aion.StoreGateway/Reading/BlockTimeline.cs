using Aion.Blocks;

namespace Aion.StoreGateway;

/// <summary>
/// Blocks of one set of external labels in order of time, and which of them answer a time range: the coarsest resolution allowed, its
/// gaps filled with finer blocks (query notes ). Immutable.
/// </summary>
internal sealed class BlockTimeline<T>
{
    private static readonly long[] Resolutions = [BlockResolution.OneHour, BlockResolution.FiveMinutes, BlockResolution.Raw];

    private readonly Func<T, BlockMeta> _meta;

    // Per entry of Resolutions, ascending by min time.
    private readonly T[][] _levels;

    // Per entry of _levels, the latest end among it and those before: where a search can start.
    private readonly long[][] _ends;

    /// <param name="blocks">In any order.</param>
    public BlockTimeline(IEnumerable<T> blocks, Func<T, BlockMeta> meta)
    {
        _meta = meta;
        ILookup<long, T> byResolution = blocks.ToLookup(b => meta(b).Thanos.ResolutionMs);
        _levels = [.. Resolutions.Select(r => byResolution[r].OrderBy(b => meta(b).MinTimeMs).ThenBy(b => meta(b).MaxTimeMs).ToArray())];
        _ends = [.. _levels.Select(EndsOf)];
    }

    /// <param name="minMs">First millisecond asked for.</param>
    /// <param name="maxMs">Last millisecond asked for, inclusive; the end of a block is exclusive.</param>
    public List<T> Select(long minMs, long maxMs, long maxResolutionMs)
    {
        var selected = new List<T>();
        int level = 0;
        while (level < Resolutions.Length - 1 && Resolutions[level] > maxResolutionMs) level++;
        Fill(level, minMs, maxMs, selected);
        return selected;
    }

    private void Fill(int level, long from, long to, List<T> selected)
    {
        if (level >= Resolutions.Length || from > to) return;
        long start = from;
        T[] blocks = _levels[level];
        for (int i = FirstEndingAfter(_ends[level], from); i < blocks.Length; i++)
        {
            BlockMeta m = _meta(blocks[i]);
            if (m.MaxTimeMs <= from) continue;
            if (m.MinTimeMs > to) break;
            if (m.MinTimeMs > start) Fill(level + 1, start, m.MinTimeMs - 1, selected);
            selected.Add(blocks[i]);
            start = Math.Max(start, m.MaxTimeMs);
        }

        if (start <= to) Fill(level + 1, start, to, selected);
    }

    private long[] EndsOf(T[] blocks)
    {
        var ends = new long[blocks.Length];
        long end = long.MinValue;
        for (var i = 0; i < ends.Length; i++) ends[i] = end = Math.Max(end, _meta(blocks[i]).MaxTimeMs);
        return ends;
    }

    private static int FirstEndingAfter(long[] ends, long time)
    {
        int low = 0, high = ends.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= time) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
