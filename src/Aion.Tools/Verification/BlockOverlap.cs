using System.Globalization;
using Aion.Blocks;

namespace Aion.Tools;

/// <summary>Blocks that share time.</summary>
/// <param name="MinTimeMs">The time that all of them share: <c>[min, max)</c>.</param>
/// <param name="Blocks">By start.</param>
internal sealed record BlockOverlap(long MinTimeMs, long MaxTimeMs, IReadOnlyList<BlockMeta> Blocks)
{
    /// <summary>The overlaps of a group: every largest set of blocks that share some time.</summary>
    public static IReadOnlyList<BlockOverlap> In(IEnumerable<BlockMeta> group)
    {
        List<BlockOverlap> overlaps = [];
        List<BlockMeta> open = [];
        bool grown = false;
        foreach (BlockMeta block in group.OrderBy(b => b.MinTimeMs).ThenBy(b => b.MaxTimeMs).ThenBy(b => b.Id))
        {
            if (open.Exists(o => o.MaxTimeMs <= block.MinTimeMs))
            {
                // Only a set that got a block since the last one was told is another largest set.
                if (grown && open.Count > 1) overlaps.Add(Of(open));
                grown = false;
                open.RemoveAll(o => o.MaxTimeMs <= block.MinTimeMs);
            }

            open.Add(block);
            grown = true;
        }

        if (grown && open.Count > 1) overlaps.Add(Of(open));
        return overlaps;
    }

    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"[mint: {MinTimeMs}, maxt: {MaxTimeMs}, range: {BlockText.Duration(MaxTimeMs - MinTimeMs)}, blocks: {Blocks.Count}]: {string.Join(", ", Blocks.Select(One))}");

    /// <summary>Blocks as <c>blocks: 2, [&lt;…&gt;,&lt;…&gt;]</c>.</summary>
    public static string Describe(IReadOnlyList<BlockMeta> blocks) => $"blocks: {blocks.Count}, [{string.Join(",", blocks.Select(One))}]";

    private static string One(BlockMeta meta) => string.Create(
        CultureInfo.InvariantCulture, $"<ulid: {meta.Id}, mint: {meta.MinTimeMs}, maxt: {meta.MaxTimeMs}, range: {BlockText.Range(meta)}>");

    private static BlockOverlap Of(List<BlockMeta> blocks) => new(blocks.Max(b => b.MinTimeMs), blocks.Min(b => b.MaxTimeMs), [.. blocks]);
}
