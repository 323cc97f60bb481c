using Aion.Hosting;
using Prometheus;

namespace Aion.Compactor;

/// <summary>Shows how much work is left and whether it moves: in metrics, in the log, and to the API. Thread-safe.</summary>
internal sealed class ProgressReporter
{
    private readonly JobServices _services;
    private readonly Gauge _compactions;
    private readonly Gauge _compactionBlocks;
    private readonly Gauge _downsampleBlocks;
    private readonly Gauge _deletionBlocks;
    private readonly Gauge _bytes;
    private readonly Gauge _seconds;
    private readonly Gauge _stalled;
    private readonly Gauge _running;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private Backlog? _backlog;
    private string _stallReason = "";
    private long _lastWritten;

    public ProgressReporter(JobServices services, MetricsRegistry metrics)
    {
        _services = services;
        MetricFactory f = metrics.Factory;
        _compactions = f.CreateGauge("thanos_compact_todo_compactions", "number of compactions to be done");
        _compactionBlocks = f.CreateGauge("thanos_compact_todo_compaction_blocks", "number of blocks planned to be compacted");
        _downsampleBlocks = f.CreateGauge("thanos_compact_todo_downsample_blocks", "number of blocks to be downsampled");
        _deletionBlocks = f.CreateGauge("thanos_compact_todo_deletion_blocks", "number of blocks that have crossed their retention period");
        _bytes = f.CreateGauge("aion_compact_todo_bytes", "Bytes that compaction and downsampling have to read until nothing is left to do.");
        _seconds = f.CreateGauge("aion_compact_todo_seconds", "Estimated time until nothing is left to compact or downsample.");
        _stalled = f.CreateGauge("aion_compact_stalled", "1 when work is left and nothing has moved for --compact.stall-timeout; the log and the API say why.");
        _running = f.CreateGauge("aion_compact_running_jobs", "Compactions and downsamplings that run now.");
    }

    public ProgressTracker Tracker => _services.Progress;

    /// <summary>What was left when it was last counted; null before.</summary>
    public Backlog? Backlog
    {
        get
        {
            lock (_lock) return _backlog;
        }
    }

    /// <summary>Why nothing moves; empty while it does.</summary>
    public string StallReason
    {
        get
        {
            lock (_lock) return _stallReason;
        }
    }

    /// <summary>Counts what is left.</summary>
    public void Count(BucketState state)
    {
        Backlog backlog = Backlog.Of(state, _services.Options.Policy, _services.Time.GetUtcNow());
        lock (_lock) _backlog = backlog;
        _compactions.Set(backlog.Compactions);
        _compactionBlocks.Set(backlog.CompactionBlocks);
        _downsampleBlocks.Set(backlog.DownsampleBlocks);
        _deletionBlocks.Set(backlog.DeletionBlocks);
        _bytes.Set(backlog.Bytes);
        _seconds.Set(Remaining(backlog).TotalSeconds);
    }

    /// <summary>Time until nothing is left, at the pace of the jobs so far.</summary>
    public TimeSpan Remaining(Backlog backlog)
    {
        // Groups run side by side, but one group's steps do not.
        long longest = backlog.Groups.Count == 0 ? 0 : backlog.Groups.Max(g => g.Bytes);
        double atOnce = Math.Max(longest, backlog.Bytes / (double)_services.Options.Concurrency);
        return TimeSpan.FromSeconds(Math.Min(atOnce / Tracker.BytesPerSecond, TimeSpan.MaxValue.TotalSeconds / 2));
    }

    /// <summary>Looks whether anything moved, and writes a line about it.</summary>
    public void Report()
    {
        IReadOnlyList<JobProgress> jobs = Tracker.Running;
        _running.Set(jobs.Count);
        Watch(jobs);
        Backlog? backlog = Backlog;
        if (backlog is null && jobs.Count == 0) return;
        foreach (JobProgress job in jobs)
        {
            _services.Logger.Info("job in progress", [
                ("job", job.What), ("group", job.Group), ("stage", job.Stage), ("blocks", job.Blocks.Count), ("bytes", job.TotalBytes),
                ("fetched", job.FetchedBytes), ("written", job.WrittenBytes())]);
        }

        if (backlog is null) return;
        _seconds.Set(Remaining(backlog).TotalSeconds);
        _services.Logger.Info("compaction progress", [
            ("compactions", backlog.Compactions), ("blocks", backlog.CompactionBlocks), ("downsample_blocks", backlog.DownsampleBlocks),
            ("bytes", backlog.Bytes), ("eta", Remaining(backlog)), ("running", jobs.Count)]);
    }

    private void Watch(IReadOnlyList<JobProgress> jobs)
    {
        // A long merge fetches nothing and ends no stage, but its output grows.
        long written = jobs.Sum(j => j.WrittenBytes());
        string reason, before;
        lock (_lock)
        {
            if (written != _lastWritten) Tracker.Touch();
            _lastWritten = written;
            before = _stallReason;
            bool hasWork = jobs.Count > 0 || _backlog is { Compactions: > 0 } or { DownsampleBlocks: > 0 };
            reason = _stallReason = hasWork && Tracker.SinceProgress >= _services.Options.StallTimeout ? Reason(jobs) : "";
        }

        _stalled.Set(reason.Length > 0 ? 1 : 0);
        if (reason.Length > 0) _services.Logger.Error("the compactor is stalled", [("reason", reason)]);
        else if (before.Length > 0) _services.Logger.Info("the compactor moves again");
    }

    private string Reason(IReadOnlyList<JobProgress> jobs)
    {
        string since = $"nothing has moved for {Tracker.SinceProgress:d\\.hh\\:mm\\:ss}";
        if (jobs.Count > 0) return $"{since}: {string.Join("; ", jobs.Select(j => $"{j.What} of {j.Group} is {j.Stage.ToString().ToLowerInvariant()}"))}";
        return Tracker.LastFailure is { Length: > 0 } failure ? $"{since}: the last job failed: {failure}" : $"{since}: no job runs although work is left";
    }
}
