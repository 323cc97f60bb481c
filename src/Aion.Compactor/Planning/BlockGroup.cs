using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>The blocks that merge with each other: one resolution, one set of external labels (L-4.1).</summary>
/// <param name="Key">See <see cref="BlockLayout.GroupKey(BlockMeta)"/>.</param>
/// <param name="Blocks">By start, then end, then id.</param>
public sealed record BlockGroup(string Key, long ResolutionMs, Labels Labels, IReadOnlyList<BlockMeta> Blocks)
{
    /// <summary>As log lines name it.</summary>
    public string Name => $"{ResolutionMs}@{Labels}";

    /// <summary>All groups of a set of blocks, by key.</summary>
    public static IReadOnlyList<BlockGroup> Of(IEnumerable<BlockMeta> metas) =>
    [
        .. metas.GroupBy(BlockLayout.GroupKey)
            .Select(g => new BlockGroup(g.Key, g.First().Thanos.ResolutionMs, g.First().Thanos.Labels, Sort(g)))
            .OrderBy(g => g.Key, StringComparer.Ordinal),
    ];

    /// <summary>The group with other blocks.</summary>
    public BlockGroup With(IEnumerable<BlockMeta> blocks) => this with { Blocks = Sort(blocks) };

    private static BlockMeta[] Sort(IEnumerable<BlockMeta> blocks) =>
        [.. blocks.OrderBy(b => b.MinTimeMs).ThenBy(b => b.MaxTimeMs).ThenBy(b => b.Id)];
}
