using Aion.Model;

namespace Aion.Compactor;

/// <summary>Where a job is.</summary>
public enum JobStage
{
    Waiting,
    Downloading,
    Merging,
    Downsampling,
    Verifying,
    Uploading,
    Marking,
}

/// <summary>What the jobs of a compactor are doing, and how fast. Thread-safe.</summary>
public sealed class ProgressTracker(TimeProvider time)
{
    /// <summary>Taken until a job has been measured.</summary>
    public const double AssumedBytesPerSecond = 32 << 20;

    /// <summary>Share of the newest job in the average.</summary>
    private const double Smoothing = 0.3;

    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly List<JobProgress> _running = [];
    private double? _bytesPerSecond;
    private string _lastFailure = "";

    private long _lastTouched = time.GetTimestamp();

    /// <summary>Input that one job works off in a second.</summary>
    public double BytesPerSecond
    {
        get
        {
            lock (_lock) return _bytesPerSecond ?? AssumedBytesPerSecond;
        }
    }

    public IReadOnlyList<JobProgress> Running
    {
        get
        {
            lock (_lock) return [.. _running];
        }
    }

    /// <summary>The last failure of a job, for whoever asks why nothing moves; empty when the last job went well.</summary>
    public string LastFailure
    {
        get
        {
            lock (_lock) return _lastFailure;
        }
    }

    /// <summary>Time since anything moved.</summary>
    public TimeSpan SinceProgress => time.GetElapsedTime(Interlocked.Read(ref _lastTouched));

    /// <summary>Something moved.</summary>
    internal void Touch() => Interlocked.Exchange(ref _lastTouched, time.GetTimestamp());

    /// <param name="what"><c>compact</c> or <c>downsample</c>.</param>
    internal JobProgress Start(string what, string group, IReadOnlyList<BlockId> blocks, long bytes)
    {
        var job = new JobProgress(this, what, group, blocks, bytes, time.GetTimestamp());
        lock (_lock) _running.Add(job);
        Touch();
        return job;
    }

    internal void Succeeded(JobProgress job)
    {
        double seconds = time.GetElapsedTime(job.StartedTimestamp).TotalSeconds;
        lock (_lock)
        {
            _lastFailure = "";
            if (seconds > 0 && job.TotalBytes > 0)
            {
                double rate = job.TotalBytes / seconds;
                _bytesPerSecond = _bytesPerSecond is { } before ? before + (Smoothing * (rate - before)) : rate;
            }
        }

        Touch();
    }

    internal void Failed(string reason)
    {
        lock (_lock) _lastFailure = reason;
    }

    internal void End(JobProgress job)
    {
        lock (_lock) _running.Remove(job);
    }
}

/// <summary>One running job. Thread-safe.</summary>
public sealed class JobProgress : IDisposable
{
    private readonly ProgressTracker _tracker;
    private long _doneBytes;
    private volatile string? _output;
    private int _stage;

    internal JobProgress(ProgressTracker tracker, string what, string group, IReadOnlyList<BlockId> blocks, long totalBytes, long startedTimestamp)
    {
        _tracker = tracker;
        What = what;
        Group = group;
        Blocks = blocks;
        TotalBytes = totalBytes;
        StartedTimestamp = startedTimestamp;
    }

    public string What { get; }

    public string Group { get; }

    public IReadOnlyList<BlockId> Blocks { get; }

    /// <summary>Size of the sources.</summary>
    public long TotalBytes { get; }

    /// <summary>Fetched so far.</summary>
    public long FetchedBytes => Interlocked.Read(ref _doneBytes);

    public JobStage Stage => (JobStage)Volatile.Read(ref _stage);

    internal long StartedTimestamp { get; }

    public void Dispose() => _tracker.End(this);

    /// <summary>Bytes written so far where the stage writes a local block, else 0.</summary>
    public long WrittenBytes()
    {
        if (_output is not { } output) return 0;
        long total = 0;
        foreach (string folder in new[] { output, output + ".tmp-for-creation" })
        {
            try
            {
                if (Directory.Exists(folder)) total += new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            }
            catch (IOException)
            {
                // Renamed or removed while it is looked at; the next look sees more.
            }
        }

        return total;
    }

    internal void Enter(JobStage stage, string? output)
    {
        Volatile.Write(ref _stage, (int)stage);
        _output = output;
        _tracker.Touch();
    }

    internal void Advance(long bytes)
    {
        Interlocked.Add(ref _doneBytes, bytes);
        _tracker.Touch();
    }
}
