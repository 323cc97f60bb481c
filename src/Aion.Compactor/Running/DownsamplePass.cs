using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>Downsamples what is to be downsampled now. Each block stands alone.</summary>
internal sealed class DownsamplePass(JobServices services, RunFindings findings)
{
    /// <param name="failed">Blocks that failed before in this run; they are left out, and new ones are added.</param>
    /// <returns>Whether any block was downsampled.</returns>
    public async Task<bool> RunAsync(BucketState state, ISet<BlockId> failed, CancellationToken cancellationToken)
    {
        IReadOnlyList<DownsamplePlan> all = DownsamplePlanner.Plan(state, services.Options.Policy, services.Time.GetUtcNow());
        WorkFolder.RemoveUnknown(services.Folder.DownsampleRoot, all.Select(p => p.Block.Id.ToString()).ToHashSet().Contains);
        DownsamplePlan[] plans = [.. all.Where(p => !failed.Contains(p.Block.Id))];
        var worked = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = services.Options.DownsampleConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(plans, parallel, async (plan, token) =>
        {
            if (await RunAsync(plan, token)) Interlocked.Exchange(ref worked, 1);
            else lock (failed) failed.Add(plan.Block.Id);
        });
        return worked != 0;
    }

    private async Task<bool> RunAsync(DownsamplePlan plan, CancellationToken cancellationToken)
    {
        BlockId id = plan.Block.Id;
        string resolution = CompactorMetrics.Resolution(plan.Block.Thanos.ResolutionMs);
        ILogger logger = services.Logger.With([("block", id), ("from", plan.Block.Thanos.ResolutionMs), ("to", plan.ToResolutionMs)]);
        using IDisposable use = services.InUse.Use([id]);
        using JobProgress progress = services.Progress.Start("downsample", $"{plan.Block.Thanos.ResolutionMs}@{plan.Block.Thanos.Labels}", [id], plan.Block.TotalBytes());
        long started = services.Time.GetTimestamp();
        services.Metrics.Downsamples.WithLabels(resolution).Inc();
        try
        {
            var (result, repairs) = await new DownsampleJob(services).RunAsync(plan, progress, logger, cancellationToken);
            if (repairs.Lost > 0) findings.SetAsideChunks(result?.Id ?? id, repairs.Lost);
            services.Metrics.ReadBytes.Inc(plan.Block.TotalBytes());
            logger.Info("downsampled block", [("result_block", result?.Id), ("duration", services.Time.GetElapsedTime(started))]);
            services.Progress.Succeeded(progress);
            return true;
        }
        catch (SourceDamagedException e) when (services.Options.Halting == HaltMode.Never)
        {
            await SetAsideAsync(id, e.Message, resolution, cancellationToken);
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Report(id, e, resolution, logger);
            return false;
        }
        finally
        {
            services.Metrics.DownsampleDuration.WithLabels(resolution).Observe(services.Time.GetElapsedTime(started).TotalSeconds);
        }
    }

    private async Task SetAsideAsync(BlockId id, string reason, string resolution, CancellationToken cancellationToken)
    {
        services.Metrics.DownsampleFailures.WithLabels(resolution).Inc();
        findings.SetAsideBlock(id, reason);
        try
        {
            await services.Quarantine.SetAsideAsync(id, reason, forDownsampling: true, cancellationToken);
        }
        catch (ObjectStorage.BucketException e)
        {
            findings.Fail(JobException.Classify(e), $"downsampling of block {id}: {e.Message}");
        }
    }

    private void Report(BlockId id, Exception e, string resolution, ILogger logger)
    {
        JobFailure failure = JobException.Classify(e is SourceDamagedException ? new JobException(JobFailure.Halt, e.Message, e) : e);
        string text = $"downsampling of block {id}: {e.Message}";
        services.Metrics.DownsampleFailures.WithLabels(resolution).Inc();
        services.Metrics.JobFailures.WithLabels(JobException.NameOf(failure)).Inc();
        services.Progress.Failed(text);
        logger.Error("downsampling a block failed", [("kind", JobException.NameOf(failure)), ("err", failure == JobFailure.Unexpected ? e.ToString() : e.Message)]);
        findings.Fail(failure, text);
        if (failure == JobFailure.Halt) throw new JobException(JobFailure.Halt, text, e);
    }
}
