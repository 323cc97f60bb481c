using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>The kinds of thing a compactor does to a bucket.</summary>
public enum PlannedWork
{
    Compact,
    Downsample,
    MarkNoCompact,
    MarkForDeletion,
    Delete,
    DeletePartial,

    /// <summary>Nothing is done, on purpose: a block is past its time and held back.</summary>
    Hold,
}

/// <summary>One thing to do, or not to do, and why.</summary>
/// <param name="Blocks">What it is about.</param>
/// <param name="Group">Of the blocks; null when their metas are not known.</param>
/// <param name="Why">For a person.</param>
public sealed record PlannedAction(PlannedWork Work, IReadOnlyList<BlockId> Blocks, BlockGroup? Group, string Why, PlanCost Cost);

/// <summary>
/// Everything that is to be done to a bucket, in the order it would be done. The compactor works it off piece by piece and plans again after
/// each; the tools and the block page only show it. A function of its arguments: the same state gives the same plan.
/// </summary>
/// <param name="Actions">What can be done at once.</param>
/// <param name="Forecasts">All merges until nothing is left to do, per group that needs any.</param>
/// <param name="ToDownsample">What is to be downsampled now.</param>
public sealed record BucketPlan(
    IReadOnlyList<PlannedAction> Actions, IReadOnlyList<CompactionForecast> Forecasts, IReadOnlyList<DownsamplePlan> ToDownsample)
{
    public static BucketPlan Of(BucketState state, CompactionPolicy policy, DateTimeOffset now)
    {
        IReadOnlyList<BlockGroup> groups = BlockGroup.Of(state.Staying);
        IReadOnlySet<BlockId> leftAlone = state.NoCompactMarks.Keys.ToHashSet();
        CompactionForecast[] forecasts =
            [.. groups.Select(g => CompactionForecast.Of(g, leftAlone, policy)).Where(f => f.Steps.Count > 0 || f.Marks.Count > 0)];
        IReadOnlyList<DownsamplePlan> downsampling = DownsamplePlanner.Plan(state, policy, now);

        var actions = new List<PlannedAction>();
        foreach (BlockId id in HousekeepingPlanner.PlanDeletions(state, policy, now))
            actions.Add(Single(state, PlannedWork.Delete, id, "marked for deletion longer ago than the delete delay", PlanCost.OfDeletion(state.Metas.GetValueOrDefault(id))));
        foreach (BlockId id in HousekeepingPlanner.PlanGarbage(state))
            actions.Add(Single(state, PlannedWork.MarkForDeletion, id, "all of its sources are in another block", PlanCost.OfMark));
        foreach (CompactionForecast forecast in forecasts) actions.AddRange(NextOf(forecast, leftAlone, policy));
        foreach (DownsamplePlan plan in downsampling)
            actions.Add(Single(state, PlannedWork.Downsample, plan.Block.Id, $"its data is missing at {TimeSpan.FromMilliseconds(plan.ToResolutionMs)}", PlanCost.OfDownsampling(plan)));
        RetentionPlan retention = RetentionPlanner.Plan(state, policy, now);
        foreach (ExpiredBlock expired in retention.Expired)
            actions.Add(Single(state, PlannedWork.MarkForDeletion, expired.Block.Id, expired.Details, PlanCost.OfMark));
        foreach (HeldBlock held in retention.Held) actions.Add(Single(state, PlannedWork.Hold, held.Block.Id, held.Reason, default));
        foreach (BlockId id in HousekeepingPlanner.PlanPartials(state, policy, now))
            actions.Add(Single(state, PlannedWork.DeletePartial, id, "an upload was broken off long ago", PlanCost.OfDeletion(null)));
        return new BucketPlan(actions, forecasts, downsampling);
    }

    private static IEnumerable<PlannedAction> NextOf(CompactionForecast forecast, IReadOnlySet<BlockId> leftAlone, CompactionPolicy policy)
    {
        CompactionPlan next = GroupPlanner.Plan(forecast.Group, leftAlone, policy);
        foreach (PlannedMark mark in next.Marks)
            yield return new PlannedAction(PlannedWork.MarkNoCompact, [mark.Block], forecast.Group, mark.Details, PlanCost.OfMark);
        if (!next.IsEmpty)
            yield return new PlannedAction(PlannedWork.Compact, [.. next.Blocks.Select(b => b.Id)], forecast.Group, next.Describe(), PlanCost.OfMerge(next));
    }

    private static PlannedAction Single(BucketState state, PlannedWork work, BlockId id, string why, PlanCost cost)
    {
        BlockGroup? group = state.Metas.TryGetValue(id, out BlockMeta? meta)
            ? new BlockGroup(BlockLayout.GroupKey(meta), meta.Thanos.ResolutionMs, meta.Thanos.Labels, [meta])
            : null;
        return new PlannedAction(work, [id], group, why, cost);
    }
}
