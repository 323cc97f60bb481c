using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>Carries out what <see cref="HousekeepingPlanner"/> and <see cref="RetentionPlanner"/> say. A block that can't be dealt with does not keep the others.</summary>
internal sealed class Housekeeping(JobServices services)
{
    private const int DeleteConcurrency = 32;

    private CompactorMetrics Metrics => services.Metrics;

    private ILogger Logger => services.Logger;

    /// <summary>Deletes blocks whose delete delay is over.</summary>
    /// <returns>The deleted blocks, and failures as text.</returns>
    public async Task<(IReadOnlyList<BlockId> Done, IReadOnlyList<string> Failures)> DeleteMarkedAsync(BucketState state, CancellationToken cancellationToken)
    {
        Logger.Info("started cleaning of blocks marked for deletion");
        var result = await EachAsync(
            HousekeepingPlanner.PlanDeletions(state, services.Options.Policy, services.Time.GetUtcNow()).Where(id => !services.InUse.Contains(id)),
            id => BlockDeleter.DeleteAsync(services.Bucket, id, cancellationToken), "delete block", cancellationToken);
        foreach (BlockId id in result.Done) Logger.Info("deleted block marked for deletion", [("block", id)]);
        Metrics.BlocksCleaned.Inc(result.Done.Count);
        Metrics.CleanupFailures.Inc(result.Failures.Count);
        Logger.Info("cleaning of blocks marked for deletion done");
        return result;
    }

    /// <summary>Deletes what broken-off uploads left.</summary>
    public async Task<IReadOnlyList<string>> DeletePartialsAsync(BucketState state, CancellationToken cancellationToken)
    {
        Logger.Info("started cleaning of aborted partial uploads");
        var result = await EachAsync(
            HousekeepingPlanner.PlanPartials(state, services.Options.Policy, services.Time.GetUtcNow()),
            async id =>
            {
                Logger.Info("found partially uploaded block; deleting", [("block", id)]);
                Metrics.PartialDeletes.Inc();
                await BlockDeleter.DeleteAsync(services.Bucket, id, cancellationToken);
            },
            "delete partial upload", cancellationToken);
        foreach (BlockId id in result.Done) Logger.Info("deleted aborted partial upload", [("block", id)]);
        Metrics.BlocksCleaned.Inc(result.Done.Count);
        Metrics.CleanupFailures.Inc(result.Failures.Count);
        foreach (BlockId id in state.Partials.Where(p => p.Value.HasCorruptMeta).Select(p => p.Key))
            Logger.Warn("a block has a meta.json that can't be read; it is left as it is", [("block", id)]);
        foreach (var (id, partial) in state.Partials.Where(p => p.Value.StrangeMark.Length > 0))
            Logger.Warn("an incomplete block has a deletion mark that this version does not know; it is left as it is", [("block", id), ("reason", partial.StrangeMark)]);
        Logger.Info("cleaning of aborted partial uploads done");
        return result.Failures;
    }

    /// <summary>Marks blocks that others replace.</summary>
    public async Task<IReadOnlyList<string>> CollectGarbageAsync(BucketState state, CancellationToken cancellationToken)
    {
        long started = services.Time.GetTimestamp();
        Metrics.GarbageCollections.Inc();
        var result = await EachAsync(
            HousekeepingPlanner.PlanGarbage(state),
            async id =>
            {
                Logger.Info("marking outdated block for deletion", [("block", id)]);
                if (await services.Marker.MarkForDeletionAsync(id, HousekeepingPlanner.OutdatedDetails, cancellationToken) == MarkOutcome.Written)
                    Metrics.BlocksMarked.WithLabels(BlockLayout.DeletionMarkFile, "").Inc();
            },
            "mark outdated block", cancellationToken);
        Metrics.GarbageBlocks.Inc(result.Done.Count);
        if (result.Failures.Count > 0) Metrics.GarbageFailures.Inc();
        Metrics.GarbageDuration.Observe(services.Time.GetElapsedTime(started).TotalSeconds);
        return result.Failures;
    }

    /// <summary>Marks blocks that are past their time.</summary>
    public async Task<IReadOnlyList<string>> ApplyRetentionAsync(BucketState state, CancellationToken cancellationToken)
    {
        Logger.Info("start optional retention");
        RetentionPlan plan = RetentionPlanner.Plan(state, services.Options.Policy, services.Time.GetUtcNow());
        var result = await EachAsync(
            plan.Expired.Where(e => !services.InUse.Contains(e.Block.Id)).ToDictionary(e => e.Block.Id),
            async expired =>
            {
                Logger.Info("applying retention: marking block for deletion", [("id", expired.Key), ("maxTime", DateTimeOffset.FromUnixTimeMilliseconds(expired.Value.Block.MaxTimeMs))]);
                if (await services.Marker.MarkForDeletionAsync(expired.Key, expired.Value.Details, cancellationToken) == MarkOutcome.Written)
                    Metrics.BlocksMarked.WithLabels(BlockLayout.DeletionMarkFile, "").Inc();
            },
            "mark expired block", cancellationToken);
        Metrics.HeldBlocks.Set(plan.Held.Count);
        foreach (HeldBlock held in plan.Held) Logger.Warn("a block past its retention stays", [("block", held.Block.Id), ("reason", held.Reason)]);
        Logger.Info("optional retention apply done");
        return result.Failures;
    }

    private async Task<(IReadOnlyList<T> Done, IReadOnlyList<string> Failures)> EachAsync<T>(
        IEnumerable<T> blocks, Func<T, Task> act, string what, CancellationToken cancellationToken)
    {
        var done = new List<T>();
        var failures = new List<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = DeleteConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(blocks, parallel, async (block, _) =>
        {
            try
            {
                await act(block);
                lock (done) done.Add(block);
                services.Progress.Touch();
            }
            catch (BucketException e)
            {
                lock (failures) failures.Add($"{what}: {e.Message}");
                Logger.Error(what, [("err", e.Message)]);
            }
        });
        return (done, failures);
    }
}
