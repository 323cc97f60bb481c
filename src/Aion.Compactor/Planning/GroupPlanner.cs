using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// Chooses what a group merges next. A function of its arguments; equal blocks give equal plans in any order (reference/block-lifecycle.md L-4).
/// </summary>
public static class GroupPlanner
{
    /// <summary>Room left for an index that grows more than its parts.</summary>
    private const double IndexHeadroom = 0.85;

    private const double TombstoneRatio = 0.05;

    /// <param name="leftAlone">Blocks with a no-compact mark.</param>
    public static CompactionPlan Plan(BlockGroup group, IReadOnlySet<BlockId> leftAlone, CompactionPolicy policy)
    {
        var marked = new HashSet<BlockId>(leftAlone);
        var marks = new List<PlannedMark>();
        while (true)
        {
            var (blocks, reason) = Select(group.Blocks, marked, policy.RangesMs);
            IReadOnlyList<PlannedMark> more = Objections(group, blocks, reason, policy);
            if (more.Count == 0) return new CompactionPlan(group, reason, blocks, marks);
            // Every mark takes a block out, so this ends.
            marks.AddRange(more);
            marked.UnionWith(more.Select(m => m.Block));
        }
    }

    /// <summary>The choice before sizes and resolutions are looked at.</summary>
    internal static (IReadOnlyList<BlockMeta> Blocks, CompactionReason Reason) Select(
        IReadOnlyList<BlockMeta> blocks, IReadOnlySet<BlockId> leftAlone, IReadOnlyList<long> rangesMs)
    {
        // A single block is never merged, whatever is deleted in it: it may be the one that still grows.
        if (blocks.Count < 2) return ([], CompactionReason.Range);
        List<BlockMeta> free = [.. blocks.Where(b => !leftAlone.Contains(b.Id))];
        IReadOnlyList<BlockMeta> overlapping = OverlapRuns.First(free);
        if (overlapping.Count > 0) return (overlapping, CompactionReason.Overlap);

        // The newest block's neighbours may still be on their way.
        BlockMeta[] settled = [.. blocks.Take(blocks.Count - 1)];
        IReadOnlyList<BlockMeta> window = RangeWindows.Select(settled, rangesMs, b => leftAlone.Contains(b.Id));
        if (window.Count > 0) return (window, CompactionReason.Range);
        return (MostlyDeleted(settled, leftAlone, rangesMs), CompactionReason.Tombstones);
    }

    private static IReadOnlyList<BlockMeta> MostlyDeleted(BlockMeta[] settled, IReadOnlySet<BlockId> leftAlone, IReadOnlyList<long> rangesMs)
    {
        for (int i = settled.Length - 1; i >= 0; i--)
        {
            BlockMeta block = settled[i];
            if (leftAlone.Contains(block.Id)) continue;
            // Shorter blocks are soon merged anyway, and what is older than one of them was looked at before.
            if (block.MaxTimeMs - block.MinTimeMs < rangesMs[rangesMs.Count / 2]) return [];
            if (block.Stats.Tombstones / (double)(block.Stats.Series + 1) > TombstoneRatio) return [block];
        }

        return [];
    }

    private static IReadOnlyList<PlannedMark> Objections(
        BlockGroup group, IReadOnlyList<BlockMeta> blocks, CompactionReason reason, CompactionPolicy policy)
    {
        if (TooLargeAnIndex(blocks, policy.MaxIndexBytes) is { } mark) return [mark];
        if (reason != CompactionReason.Overlap || group.ResolutionMs == BlockResolution.Raw || policy.MergesDownsampledOverlaps) return [];
        return
        [
            .. blocks.Select(b => new PlannedMark(
                b.Id, NoCompactReason.DownsampleVerticalCompaction, "overlapping downsampled blocks are not merged (--compact.merge-downsampled-overlaps)")),
        ];
    }

    private static PlannedMark? TooLargeAnIndex(IReadOnlyList<BlockMeta> blocks, long maxBytes)
    {
        var limit = (long)(maxBytes * IndexHeadroom);
        long total = 0;
        BlockMeta? largest = null;
        foreach (BlockMeta block in blocks)
        {
            if (largest is null || block.IndexBytes() > largest.IndexBytes()) largest = block;
            total += block.IndexBytes();
            if (total >= limit)
            {
                return new PlannedMark(
                    largest.Id, NoCompactReason.IndexSizeExceeding,
                    $"merged with this block the index could exceed {maxBytes} bytes (--compact.block-max-index-size)");
            }
        }

        return null;
    }
}
