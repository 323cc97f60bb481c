using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary>
/// Blocks of one group, time and set of sources: one compaction uploaded twice. All but the one with the lowest id can go.
/// </summary>
internal sealed class DuplicatedCompaction : IBlockIssue
{
    public string Id => "duplicated_compaction";

    public bool IsRepairable => true;

    public async Task CheckAsync(BlockCheck check, CancellationToken cancellationToken)
    {
        check.RefuseIds();
        check.Logger.Info("started verifying issue", [("with-repair", check.Disposal is not null)]);
        List<BlockId> surplus = [];
        IReadOnlyDictionary<BlockId, BlockMeta> metas = await check.MetasAsync(cancellationToken);
        foreach (var group in metas.Values.GroupBy(BlockLayout.GroupKey).OrderBy(g => g.Key, StringComparer.Ordinal))
            foreach (BlockOverlap overlap in BlockOverlap.In(group)) Find(overlap, group.Key, check, surplus);
        check.Logger.Warn("Found duplicated blocks that are ok to be removed", [("ULIDs", $"[{string.Join(' ', surplus)}]"), ("num", surplus.Count)]);
        if (check.Disposal is null || surplus.Count == 0) return;

        for (int i = 0; i < surplus.Count; i++)
        {
            await check.Disposal.RunAsync(surplus[i], "block to be removed as duplicate", cancellationToken);
            check.Logger.Info("Removed duplicated block", [("id", surplus[i]), ("to-be-removed", surplus.Count - 1 - i), ("removed", i + 1)]);
        }

        check.Logger.Info("Removed all duplicated blocks. You might want to rerun this verify to check if there is still any unrelated overlap");
    }

    private static void Find(BlockOverlap overlap, string group, BlockCheck check, List<BlockId> surplus)
    {
        List<BlockMeta> kill =
        [
            .. overlap.Blocks
                .GroupBy(b => (b.MinTimeMs, b.MaxTimeMs, Sources: string.Join(',', b.Compaction.Sources.Order())))
                // Blocks that name no sources may be of anything.
                .Where(same => same.Key.Sources.Length > 0)
                .SelectMany(same => same.OrderBy(b => b.Id).Skip(1)),
        ];
        if (kill.Count == 0)
        {
            check.Logger.Warn(
                "found overlapped blocks, but all of the blocks are unique. Seems like unrelated issue. Ignoring overlap",
                [("group", group), ("range", $"{{{overlap.MinTimeMs} {overlap.MaxTimeMs}}}"), ("overlap", BlockOverlap.Describe(overlap.Blocks))]);
            return;
        }

        check.Logger.Warn(
            "found duplicated blocks",
            [("group", group), ("range-min", overlap.MinTimeMs), ("range-max", overlap.MaxTimeMs), ("kill", BlockOverlap.Describe(kill))]);
        surplus.AddRange(kill.Select(b => b.Id).Where(id => !surplus.Contains(id)));
    }
}
