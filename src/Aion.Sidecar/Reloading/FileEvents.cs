using System.Threading.Channels;
using Aion.Hosting;
using Microsoft.Extensions.Logging;

namespace Aion.Sidecar;

/// <summary>
/// What the file system tells of changes in some folders. It may miss some, which is why the reloader also looks by itself; any number
/// of changes that were not waited for count as one.
/// </summary>
internal sealed class FileEvents : IDisposable
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly ReloaderMetrics _metrics;
    private readonly ILogger _logger;

    public FileEvents(ReloaderMetrics metrics, ILogger logger)
    {
        _metrics = metrics;
        _logger = logger;
    }

    /// <param name="withSubfolders">Whether what lies deeper counts.</param>
    public void Watch(string directory, bool withSubfolders)
    {
        try
        {
            var watcher = new FileSystemWatcher(directory) { IncludeSubdirectories = withSubfolders };
            _watchers.Add(watcher);
            watcher.Changed += OnChange;
            watcher.Created += OnChange;
            watcher.Deleted += OnChange;
            watcher.Renamed += OnChange;
            watcher.Error += (_, e) => OnError(directory, e.GetException());
            watcher.EnableRaisingEvents = true;
            _metrics.Watches.Set(_watchers.Count);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            // The system gives no more watches: the interval still finds every change.
            OnError(directory, e);
        }
    }

    /// <summary>True after a change, false when none came in time.</summary>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await _changed.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (FileSystemWatcher watcher in _watchers) watcher.Dispose();
        _metrics.Watches.Set(0);
    }

    private void OnChange(object sender, FileSystemEventArgs change)
    {
        _metrics.WatchEvents.Inc();
        _changed.Writer.TryWrite(true);
    }

    private void OnError(string directory, Exception error)
    {
        _metrics.WatchErrors.Inc();
        _logger.Warn("watching a folder failed; changes are found by --reloader.watch-interval", [("dir", directory), ("err", error.Message)]);
        _changed.Writer.TryWrite(true);
    }
}
