using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// Whether a block's data will be downsampled and is not yet: it is long enough, or will be part of a block that is. A short block that
/// stays alone never has a coarser form, so nothing waits for that.
/// </summary>
internal sealed class DownsampleOutlook
{
    private readonly DownsampleCoverage _coverage;
    private readonly HashSet<BlockId> _outstanding = [];

    public DownsampleOutlook(BucketState state, CompactionPolicy policy)
    {
        _coverage = new DownsampleCoverage(state.Staying);
        var leftAlone = state.NoCompactMarks.Keys.ToHashSet();
        foreach (BlockGroup group in BlockGroup.Of(state.Staying))
        {
            if (DownsamplePlanner.NextResolution(group.ResolutionMs) is null) continue;
            CompactionForecast forecast = CompactionForecast.Of(group, leftAlone, policy);
            HashSet<BlockId> sources = [.. forecast.Final.Where(DownsamplePlanner.IsEligible).SelectMany(m => m.Sources)];
            foreach (BlockMeta block in group.Blocks)
                if (!state.NoDownsampleMarks.ContainsKey(block.Id) && block.Sources.All(sources.Contains)) _outstanding.Add(block.Id);
        }
    }

    public bool IsOutstanding(BlockMeta block) => _outstanding.Contains(block.Id) && !_coverage.Covers(block);
}
