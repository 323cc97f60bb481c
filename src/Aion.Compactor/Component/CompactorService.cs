using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>Runs a compactor: once, or for ever with a queue each for compaction, downsampling and cleanup, none of which waits for another.</summary>
internal sealed class CompactorService : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private readonly ComponentContext _context;
    private readonly CompactorOptions _options;
    private readonly JobServices _services;
    private readonly BucketCompactor _compactor;
    private readonly ProgressReporter _reporter;

    // A halt is of all queues: nothing of the bucket changes until a person acts.
    private readonly CancellationTokenSource _halt = new();

    public CompactorService(IBucket bucket, CompactorOptions options, ComponentContext context, DiskBudget disk, IBlockWork work)
    {
        _context = context;
        _options = options;
        View = new BucketView(bucket, options, context.Metrics.Factory, context.Time, context.Logger);
        _services = new JobServices
        {
            Options = options,
            Bucket = bucket,
            Work = work,
            Disk = disk,
            Metrics = new CompactorMetrics(context.Metrics, options.Policy.DeleteDelay),
            Time = context.Time,
            Logger = context.Logger,
            Progress = new ProgressTracker(context.Time),
        };
        _compactor = new BucketCompactor(_services, View);
        _reporter = new ProgressReporter(_services, context.Metrics);
    }

    public BucketView View { get; }

    public ProgressReporter Progress => _reporter;

    public CompactorOptions Options => _options;

    public ILogger Logger => _context.Logger;

    /// <summary>One run.</summary>
    /// <exception cref="ComponentException">Something failed or was set aside; all else was done.</exception>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        RunFindings findings;
        using CancellationTokenSource reporting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task reports = ReportAsync(reporting.Token);
        try
        {
            findings = await _compactor.RunOnceAsync(cancellationToken);
        }
        catch (Exception e) when (e is JobException or IOException or BlockMetaException)
        {
            if (JobException.Classify(e) is JobFailure.Halt or JobFailure.Denied) _services.Metrics.Halted.Set(1);
            throw new ComponentException($"compaction: {e.Message}", e);
        }
        finally
        {
            await reporting.CancelAsync();
            await reports;
        }

        if (!findings.IsClean) throw new ComponentException($"compaction: {findings.Describe()}");
        _services.Metrics.Iterations.Inc();
    }

    /// <summary>All queues until cancelled.</summary>
    /// <exception cref="ComponentException">The operator asked for an end where upstream halts.</exception>
    public async Task RunForeverAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> queues =
        [
            LoopAsync("compaction", _options.WaitInterval, CompactAsync, stop.Token),
            ReportAsync(stop.Token),
        ];
        if (_options.Policy.DownsamplingEnabled) queues.Add(LoopAsync("downsampling", _options.WaitInterval, DownsampleAsync, stop.Token));
        if (_options.CleanupInterval > TimeSpan.Zero) queues.Add(LoopAsync("cleanup", _options.CleanupInterval, CleanAsync, stop.Token));
        if (_options.ProgressInterval > TimeSpan.Zero) queues.Add(LoopAsync("progress", _options.ProgressInterval, CountAsync, stop.Token));
        try
        {
            await await Task.WhenAny(queues);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(queues).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        _halt.Dispose();
        View.Dispose();
    }

    private async Task CompactAsync(RunFindings findings, CancellationToken cancellationToken)
    {
        await _compactor.CompactAsync(findings, cancellationToken);
        if (_options.CleanupInterval <= TimeSpan.Zero) await _compactor.CleanAsync(findings, deletesMarked: true, cancellationToken);
        // Blocks that were set aside are dealt with; only failures keep an iteration from being a good one.
        if (findings.Failures.Count == 0) _services.Metrics.Iterations.Inc();
    }

    private Task DownsampleAsync(RunFindings findings, CancellationToken cancellationToken) => _compactor.DownsampleAsync(findings, cancellationToken);

    private Task CleanAsync(RunFindings findings, CancellationToken cancellationToken) => _compactor.CleanAsync(findings, deletesMarked: true, cancellationToken);

    private async Task CountAsync(RunFindings findings, CancellationToken cancellationToken) =>
        _reporter.Count(await View.SyncAsync(cancellationToken));

    private async Task LoopAsync(string queue, TimeSpan interval, Func<RunFindings, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using CancellationTokenSource working = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _halt.Token);
        while (!cancellationToken.IsCancellationRequested)
        {
            var findings = new RunFindings();
            try
            {
                await run(findings, working.Token);
            }
            catch (OperationCanceledException) when (_halt.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // Another queue halted.
            }
            catch (Exception e) when (e is IOException or BlockMetaException)
            {
                JobFailure failure = JobException.Classify(e);
                findings.Fail(failure, e.Message);
                _services.Metrics.JobFailures.WithLabels(JobException.NameOf(failure)).Inc();
                _services.Progress.Failed($"{queue}: {e.Message}");
                Logger.Error("a run failed and is tried again", [("queue", queue), ("err", e.Message)]);
            }
            catch (JobException e) when (e.Failure == JobFailure.Halt)
            {
                await HaltAsync(e);
            }

            if (_halt.IsCancellationRequested)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            if (queue == "compaction") ShowOutcome(findings);
            await Task.Delay(interval, _context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Halted means: nothing will go on without a person, because a credential is refused or the disk is full for every job.</summary>
    private void ShowOutcome(RunFindings findings)
    {
        IReadOnlyList<(JobFailure Failure, string Text)> failures = findings.Failures;
        bool isHalted = failures.Any(f => f.Failure == JobFailure.Denied) || (failures.Count > 0 && failures.All(f => f.Failure == JobFailure.NoSpace));
        _services.Metrics.Halted.Set(isHalted ? 1 : 0);
        if (failures.Count > 0)
        {
            _services.Metrics.Retries.Inc();
            Logger.Error("some work failed; it is tried again after the wait interval", [("failures", failures.Count), ("err", findings.Describe())]);
        }
    }

    private async Task HaltAsync(JobException e)
    {
        if (_options.Halting == HaltMode.Exit) throw new ComponentException($"compaction: {e.Message}", e);
        _services.Metrics.Halted.Set(1);
        Logger.Error("critical error detected; halting", [("err", e.Message)]);
        await _halt.CancelAsync();
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ReportInterval, _context.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) _reporter.Report();
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
