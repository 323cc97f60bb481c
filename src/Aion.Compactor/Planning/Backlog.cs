using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>How much work lies ahead of one group.</summary>
public sealed record GroupBacklog(BlockGroup Group, int Compactions, int CompactionBlocks, int DownsampleBlocks, long Bytes);

/// <summary>How much work lies ahead: all merges and all downsampling, also of blocks that do not exist yet.</summary>
public sealed record Backlog(IReadOnlyList<GroupBacklog> Groups, int DeletionBlocks)
{
    public int Compactions => Groups.Sum(g => g.Compactions);

    public int CompactionBlocks => Groups.Sum(g => g.CompactionBlocks);

    public int DownsampleBlocks => Groups.Sum(g => g.DownsampleBlocks);

    public long Bytes => Groups.Sum(g => g.Bytes);

    public static Backlog Of(BucketState state, CompactionPolicy policy, DateTimeOffset now)
    {
        IReadOnlySet<BlockId> leftAlone = state.NoCompactMarks.Keys.ToHashSet();
        List<CompactionForecast> forecasts = [.. BlockGroup.Of(state.Staying).Select(g => CompactionForecast.Of(g, leftAlone, policy))];
        IEnumerable<BlockMeta> final = forecasts.SelectMany(f => f.Final);
        ILookup<string, DownsamplePlan> downsampling = DownsamplePlanner.Plan(state, final, policy, now)
            .ToLookup(p => BlockLayout.GroupKey(p.Block));
        GroupBacklog[] groups =
        [
            .. forecasts.Select(f => new GroupBacklog(
                f.Group, f.Steps.Count, f.Steps.Sum(s => s.Plan.Blocks.Count), downsampling[f.Group.Key].Count(),
                f.Steps.Sum(s => s.Plan.InputBytes) + downsampling[f.Group.Key].Sum(p => p.Block.TotalBytes()))),
        ];
        return new Backlog(groups, HousekeepingPlanner.PlanDeletions(state, policy, now).Count);
    }
}
