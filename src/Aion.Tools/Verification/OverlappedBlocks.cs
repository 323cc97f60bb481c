using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Blocks of one group that share time. Told only: a compactor merges them.</summary>
internal sealed class OverlappedBlocks : IBlockIssue
{
    public const string Name = "overlapped_blocks";

    public string Id => Name;

    public bool IsRepairable => false;

    public async Task CheckAsync(BlockCheck check, CancellationToken cancellationToken)
    {
        check.RefuseIds();
        check.Logger.Info("started verifying issue");
        IReadOnlyDictionary<BlockId, BlockMeta> metas = await check.MetasAsync(cancellationToken);
        foreach (var group in metas.Values.GroupBy(BlockLayout.GroupKey).OrderBy(g => g.Key, StringComparer.Ordinal))
            foreach (BlockOverlap overlap in BlockOverlap.In(group))
                check.Logger.Warn("found overlapped blocks", [("group", group.Key), ("overlap", overlap.Describe())]);
    }
}
