using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>What a bucket can be rid of: replaced blocks, marked blocks whose time has come, and what broken-off uploads left.</summary>
public static class HousekeepingPlanner
{
    /// <summary>Details of the mark on a block that another one replaces.</summary>
    public const string OutdatedDetails = "outdated block";

    /// <summary>Blocks to mark because others hold all of their sources, by id (L-5.2).</summary>
    public static IReadOnlyList<BlockId> PlanGarbage(BucketState state) =>
        [.. state.Duplicates.Where(id => !state.DeletionMarks.ContainsKey(id)).Order()];

    /// <summary>Blocks to delete: marked longer ago than the delay, by id (L-7.3).</summary>
    public static IReadOnlyList<BlockId> PlanDeletions(BucketState state, CompactionPolicy policy, DateTimeOffset now) =>
    [
        .. state.DeletionMarks.Values.Where(m => DeletionMarkFilter.IsDue(m, now, policy.DeleteDelay)).Select(m => m.Id)
            .Concat(state.Partials.Where(p => p.Value.DeletionMark is { } mark && DeletionMarkFilter.IsDue(mark, now, policy.DeleteDelay)).Select(p => p.Key))
            .Distinct().Order(),
    ];

    /// <summary>
    /// Partial blocks to delete, by id: their youngest object is old, so no upload is going on. One with a deletion mark goes by that
    /// (L-7.1); one with a mark of a newer version is left to those who know it.
    /// </summary>
    public static IReadOnlyList<BlockId> PlanPartials(BucketState state, CompactionPolicy policy, DateTimeOffset now) =>
    [
        .. state.Partials
            .Where(p => p.Value.DeletionMark is null && !p.Value.HasCorruptMeta && p.Value.StrangeMark.Length == 0 && !state.DeletionMarks.ContainsKey(p.Key)
                && now - (p.Value.LastModified ?? p.Key.Value.Time) > policy.PartialUploadAge)
            .Select(p => p.Key).Order(),
    ];
}
