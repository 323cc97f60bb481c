using Aion.Blocks;
using Aion.Model;

namespace Aion.Tools;

/// <summary>Which blocks are copied.</summary>
internal sealed record ReplicationSelection
{
    /// <summary>When there are any, exactly these, whatever the rest says.</summary>
    public required IReadOnlySet<BlockId> Ids { get; init; }

    public required IReadOnlySet<long> ResolutionsMs { get; init; }

    /// <summary>Exact compaction levels; null = the range of the two bounds.</summary>
    public required IReadOnlySet<int>? Levels { get; init; }

    /// <summary>Both ends belong to the range.</summary>
    public required int MinLevel { get; init; }

    public required int MaxLevel { get; init; }

    /// <summary>Of external labels.</summary>
    public required IReadOnlyList<LabelMatcher> Matchers { get; init; }

    /// <summary>The selected blocks, oldest first.</summary>
    public IReadOnlyList<BlockMeta> Of(IReadOnlyDictionary<BlockId, BlockMeta> metas) =>
        [.. metas.Values.Where(Selects).OrderBy(m => m.MinTimeMs).ThenBy(m => m.Id)];

    public bool Selects(BlockMeta meta)
    {
        if (Ids.Count > 0) return Ids.Contains(meta.Id);
        int level = meta.Compaction.Level;
        return Matchers.All(m => m.Matches(meta.Thanos.Labels))
            && ResolutionsMs.Contains(meta.Thanos.ResolutionMs)
            && (Levels?.Contains(level) ?? (level >= MinLevel && level <= MaxLevel));
    }
}
