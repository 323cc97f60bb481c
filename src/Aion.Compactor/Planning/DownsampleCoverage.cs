using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>Which level-1 blocks a bucket holds in a coarser resolution, per set of external labels.</summary>
public sealed class DownsampleCoverage
{
    private readonly Dictionary<(Labels Labels, long ResolutionMs), HashSet<BlockId>> _sources = [];

    public DownsampleCoverage(IEnumerable<BlockMeta> metas)
    {
        foreach (BlockMeta meta in metas)
        {
            if (meta.Thanos.ResolutionMs == BlockResolution.Raw) continue;
            var key = (meta.Thanos.Labels, meta.Thanos.ResolutionMs);
            if (!_sources.TryGetValue(key, out HashSet<BlockId>? sources)) _sources[key] = sources = [];
            sources.UnionWith(meta.Sources);
        }
    }

    /// <summary>Whether all that went into the block is there in the next resolution.</summary>
    public bool Covers(BlockMeta meta) =>
        DownsamplePlanner.NextResolution(meta.Thanos.ResolutionMs) is { } next
        && _sources.TryGetValue((meta.Thanos.Labels, next), out HashSet<BlockId>? sources)
        && meta.Sources.All(sources.Contains);
}
