using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>Works off one group, plan after plan, until nothing is left or a job fails.</summary>
internal sealed class GroupRunner(JobServices services, BucketState state, RunFindings findings)
{
    private readonly HashSet<BlockId> _leftAlone = [.. state.NoCompactMarks.Keys];
    private readonly HashSet<BlockId> _known = [.. state.Metas.Keys, .. state.DeletionMarks.Keys, .. state.Duplicates, .. state.Partials.Keys];

    /// <returns>Whether anything was done.</returns>
    /// <exception cref="Exception">What a job failed with; the group stays as it is in the bucket.</exception>
    public async Task<bool> RunAsync(BlockGroup group, CancellationToken cancellationToken)
    {
        ILogger logger = services.Logger.With([("group", group.Name), ("groupKey", group.Key)]);
        string resolution = CompactorMetrics.Resolution(group.ResolutionMs);
        services.Metrics.RunsStarted.WithLabels(resolution).Inc();
        CheckOverlaps(group);
        var prefetch = new Prefetch(services, services.Folder.OfGroup(group.Key));
        var worked = false;
        try
        {
            while (await NextAsync(group, logger, cancellationToken) is { } plan)
            {
                await prefetch.EndAsync();
                prefetch.Begin(Expected(group, plan), cancellationToken);
                group = await RunPlanAsync(group, plan, resolution, logger, cancellationToken);
                worked = true;
            }
        }
        finally
        {
            await prefetch.EndAsync();
        }

        WorkFolder.Remove(services.Folder.OfGroup(group.Key));
        services.Metrics.RunsCompleted.WithLabels(resolution).Inc();
        return worked;
    }

    /// <summary>The next plan, its marks written; null when nothing is to be done.</summary>
    private async Task<CompactionPlan?> NextAsync(BlockGroup group, ILogger logger, CancellationToken cancellationToken)
    {
        CompactionPlan plan = GroupPlanner.Plan(group, _leftAlone, services.Options.Policy);
        foreach (PlannedMark mark in plan.Marks) await LeaveAloneAsync(mark, logger, cancellationToken);
        if (plan.IsEmpty) return null;
        logger.Info("compaction available and planned", [("plan", Text(plan.Blocks)), ("reason", plan.Describe()), ("bytes", plan.InputBytes)]);
        return plan;
    }

    /// <summary>The plan that will follow this one, if all goes well.</summary>
    private CompactionPlan Expected(BlockGroup group, CompactionPlan plan) => GroupPlanner.Plan(
        group.With(group.Blocks.Except(plan.Blocks).Append(CompactionForecast.Merged(plan))), _leftAlone, services.Options.Policy);

    private async Task<BlockGroup> RunPlanAsync(BlockGroup group, CompactionPlan plan, string resolution, ILogger logger, CancellationToken cancellationToken)
    {
        BlockId[] blocks = [.. plan.Blocks.Select(b => b.Id)];
        using IDisposable use = services.InUse.Use(blocks);
        using JobProgress progress = services.Progress.Start("compact", group.Name, blocks, plan.InputBytes);
        long started = services.Time.GetTimestamp();
        CompactionOutcome outcome;
        try
        {
            outcome = await new CompactionJob(services).RunAsync(plan, _known, state.All, progress, logger, cancellationToken);
        }
        catch (SourceDamagedException e)
        {
            if (services.Options.Halting != HaltMode.Never) throw new JobException(JobFailure.Halt, $"{e.Message} (--debug.halt-on-error)", e);
            await services.Quarantine.SetAsideAsync(e.Block, e.Message, forDownsampling: false, cancellationToken);
            findings.SetAsideBlock(e.Block, e.Message);
            _leftAlone.Add(e.Block);
            return group;
        }
        catch (OutOfOrderBlockException e)
        {
            await LeaveAloneAsync(new PlannedMark(e.Block, NoCompactReason.OutOfOrderChunk, $"chunks are out of order: {e.Message}"), logger, cancellationToken);
            return group;
        }

        Count(plan, outcome, resolution);
        logger.Info("finished compacting blocks", [
            ("result_block", outcome.Result?.Id), ("source_blocks", string.Join(' ', blocks)), ("duration", services.Time.GetElapsedTime(started)),
            ("overlapping_blocks", plan.HasOverlaps), ("repairs", outcome.Repairs.All)]);
        services.Progress.Succeeded(progress);
        if (outcome.Directory is { } copy && !services.Disk.Fits(2 * outcome.Result!.TotalBytes())) WorkFolder.Remove(copy);
        IEnumerable<BlockMeta> rest = group.Blocks.Except(outcome.Gone);
        if (outcome.Result is null) return group.With(rest);
        _known.Add(outcome.Result.Id);
        return group.With(rest.Append(outcome.Result));
    }

    private void Count(CompactionPlan plan, CompactionOutcome outcome, string resolution)
    {
        services.Metrics.ReadBytes.Inc(plan.InputBytes);
        if (outcome.Result is null) return;
        services.Metrics.GroupCompactions.WithLabels(resolution).Inc();
        if (plan.HasOverlaps) services.Metrics.VerticalCompactions.WithLabels(resolution).Inc();
        if (outcome.Repairs.Lost > 0) findings.SetAsideChunks(outcome.Result.Id, outcome.Repairs.Lost);
    }

    private async Task LeaveAloneAsync(PlannedMark mark, ILogger logger, CancellationToken cancellationToken)
    {
        if (await services.Marker.MarkNoCompactAsync(mark.Block, mark.Reason, mark.Details, cancellationToken) == MarkOutcome.Written)
            services.Metrics.BlocksMarked.WithLabels(BlockLayout.NoCompactMarkFile, mark.Reason).Inc();
        logger.Info("block has been marked for no compaction", [("block", mark.Block), ("reason", mark.Reason), ("details", mark.Details)]);
        _leftAlone.Add(mark.Block);
    }

    /// <summary>Only for those who want to be stopped by overlaps they did not ask to merge.</summary>
    private void CheckOverlaps(BlockGroup group)
    {
        if (services.Options.Halting == HaltMode.Never || services.Options.IsVertical) return;
        IReadOnlyList<BlockMeta> overlapping = OverlapRuns.First(group.Blocks);
        if (overlapping.Count > 0)
            throw new JobException(JobFailure.Halt, $"pre compaction overlap check: overlaps found while gathering blocks: {Text(overlapping)} (--debug.halt-on-error)");
    }

    private static string Text(IEnumerable<BlockMeta> blocks) =>
        $"[{string.Join(' ', blocks.Select(b => $"{b.Id} (min time: {b.MinTimeMs}, max time: {b.MaxTimeMs})"))}]";
}
