using Aion.Blocks;
using Aion.Hosting;

namespace Aion.Compactor;

/// <summary>Runs all groups of a bucket, several at once. Each stands alone: what fails in one is reported and stops no other.</summary>
internal sealed class CompactionRound(JobServices services, RunFindings findings)
{
    /// <param name="failed">Groups that failed before in this run; they are left out, and new ones are added.</param>
    /// <returns>Whether any group did anything.</returns>
    /// <exception cref="JobException">The operator asked for a halt.</exception>
    public async Task<bool> RunAsync(BucketState state, ISet<string> failed, CancellationToken cancellationToken)
    {
        BlockGroup[] all = [.. BlockGroup.Of(state.Staying).Where(g => g.Blocks.Count > 1)];
        WorkFolder.RemoveUnknown(services.Folder.CompactRoot, all.Select(g => g.Key).ToHashSet().Contains);
        // Merged around a block that can't be seen now, downsampled blocks would overlap it when it is back, and be marked for good.
        BlockGroup[] groups = [.. all.Where(g => !failed.Contains(g.Key) && (state.IsWhole || g.ResolutionMs == BlockResolution.Raw))];
        var worked = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = services.Options.Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(groups, parallel, async (group, token) =>
        {
            try
            {
                if (await new GroupRunner(services, state, findings).RunAsync(group, token)) Interlocked.Exchange(ref worked, 1);
            }
            catch (Exception e) when (e is not OperationCanceledException || !token.IsCancellationRequested)
            {
                lock (failed) failed.Add(group.Key);
                Report(group, e);
            }
        });
        return worked != 0;
    }

    private void Report(BlockGroup group, Exception e)
    {
        JobFailure failure = JobException.Classify(e);
        string text = $"group {group.Key} ({group.Name}): {e.Message}";
        services.Metrics.GroupFailures.WithLabels(CompactorMetrics.Resolution(group.ResolutionMs)).Inc();
        services.Metrics.JobFailures.WithLabels(JobException.NameOf(failure)).Inc();
        if (failure == JobFailure.Conflict) services.Metrics.Conflicts.Inc();
        services.Progress.Failed(text);
        services.Logger.Error("compacting a group failed", [
            ("group", group.Name), ("groupKey", group.Key), ("kind", JobException.NameOf(failure)),
            ("err", failure == JobFailure.Unexpected ? e.ToString() : e.Message)]);
        findings.Fail(failure, text);
        if (failure == JobFailure.Halt) throw new JobException(JobFailure.Halt, text, e);
    }
}
