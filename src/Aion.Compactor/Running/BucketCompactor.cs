using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>One compactor over one bucket: what it does in a run, in which order. It keeps nothing between runs that the bucket does not hold.</summary>
internal sealed class BucketCompactor(JobServices services, BucketView view)
{
    private readonly Housekeeping _housekeeping = new(services);

    /// <summary>Everything once: compaction to its end, downsampling, retention, cleanup.</summary>
    /// <returns>What went wrong; the rest was done.</returns>
    /// <exception cref="BucketException">The bucket could not be looked at.</exception>
    /// <exception cref="JobException">The operator asked for a halt.</exception>
    public async Task<RunFindings> RunOnceAsync(CancellationToken cancellationToken)
    {
        var findings = new RunFindings();
        await CompactAsync(findings, cancellationToken);
        if (services.Options.Policy.DownsamplingEnabled) await DownsampleAsync(findings, cancellationToken);
        await CleanAsync(findings, deletesMarked: false, cancellationToken);
        return findings;
    }

    /// <summary>Compacts until nothing is left to compact.</summary>
    /// <inheritdoc cref="RunOnceAsync" path="/exception"/>
    public async Task CompactAsync(RunFindings findings, CancellationToken cancellationToken)
    {
        var failed = new HashSet<string>(StringComparer.Ordinal);
        var round = new CompactionRound(services, findings);
        while (true)
        {
            services.Logger.Info("start initial sync of metas");
            BucketState state = await SyncAsync(findings, cancellationToken);
            var deleted = await _housekeeping.DeleteMarkedAsync(state, cancellationToken);
            Add(findings, deleted.Failures);
            services.Logger.Info("start of initial garbage collection");
            Add(findings, await _housekeeping.CollectGarbageAsync(state, cancellationToken));
            services.Logger.Info("start of compactions");
            HashSet<BlockId> gone = [.. deleted.Done];
            state = state with { Metas = state.Metas.Where(m => !gone.Contains(m.Key)).ToDictionary() };
            if (!await round.RunAsync(state, failed, cancellationToken)) break;
        }

        services.Logger.Info("compaction iterations done");
    }

    /// <summary>Two passes: what the first writes the second may read.</summary>
    /// <inheritdoc cref="RunOnceAsync" path="/exception"/>
    public async Task DownsampleAsync(RunFindings findings, CancellationToken cancellationToken)
    {
        var failed = new HashSet<BlockId>();
        var pass = new DownsamplePass(services, findings);
        foreach (string number in new[] { "first", "second" })
        {
            services.Logger.Info($"start {number} pass of downsampling");
            await pass.RunAsync(await SyncAsync(findings, cancellationToken), failed, cancellationToken);
        }

        services.Logger.Info("downsampling iterations done");
    }

    /// <summary>Retention, broken-off uploads and, on its own schedule, blocks whose delete delay is over.</summary>
    /// <exception cref="BucketException">The bucket could not be looked at.</exception>
    public async Task CleanAsync(RunFindings findings, bool deletesMarked, CancellationToken cancellationToken)
    {
        BucketState state = await SyncAsync(findings, cancellationToken);
        Add(findings, await _housekeeping.ApplyRetentionAsync(state, cancellationToken));
        if (deletesMarked) Add(findings, (await _housekeeping.DeleteMarkedAsync(state, cancellationToken)).Failures);
        Add(findings, await _housekeeping.DeletePartialsAsync(state, cancellationToken));
        services.Metrics.CleanupLoops.Inc();
    }

    private async Task<BucketState> SyncAsync(RunFindings findings, CancellationToken cancellationToken)
    {
        BucketState state = await view.SyncAsync(cancellationToken);
        if (view.Incompleteness.Length > 0 && findings.Failures.All(f => f.Text != view.Incompleteness)) findings.Fail(JobFailure.Retry, view.Incompleteness);
        services.Progress.Touch();
        return state;
    }

    private static void Add(RunFindings findings, IReadOnlyList<string> failures)
    {
        foreach (string failure in failures) findings.Fail(JobFailure.Retry, failure);
    }
}
