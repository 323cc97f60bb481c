using Aion.Hosting;
using Aion.Storage;
using Microsoft.Extensions.Logging;

namespace Aion.Sidecar;

/// <summary>
/// Watches Prometheus's configuration and rule files, replaces the variables in the former, and makes Prometheus load what has changed.
/// A reload that fails is tried again, over what the files hold by then, until one succeeds.
/// </summary>
public sealed class ConfigReloader
{
    private readonly ReloaderOptions _options;
    private readonly IReloadTrigger _trigger;
    private readonly ReloaderMetrics _metrics;
    private readonly ComponentContext _context;
    private readonly ILogger _logger;
    private byte[] _loaded = [];

    public ConfigReloader(ReloaderOptions options, IReloadTrigger trigger, ComponentContext context)
    {
        _options = options;
        _trigger = trigger;
        _context = context;
        _logger = context.Logger.With([("component", "reloader")]);
        _metrics = new ReloaderMetrics(context.Metrics.Factory);
        _metrics.SetMethod(trigger.Method);
    }

    /// <exception cref="ComponentException">At the start the configuration can't be read or written, or a folder is not there.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_options.WatchesNothing)
        {
            _logger.Info("nothing to be watched");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        CheckFolders();
        using var events = new FileEvents(_metrics, _logger);
        // First the watches: a change after the first reading must not be missed.
        if (_options.WatchInterval > TimeSpan.Zero) Watch(events);
        if (await TryPrepareAsync(isStart: true, cancellationToken) is not { } current) return;
        if (_options.WatchInterval <= TimeSpan.Zero)
        {
            _logger.Info("--reloader.watch-interval is 0: the configuration was written once and is not watched", [("out", _options.OutputFile)]);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        _logger.Info(
            "started watching config file and directories for changes",
            [("cfg", _options.ConfigFile), ("out", _options.OutputFile), ("dirs", string.Join(',', _options.RuleDirectories))]);
        while (true)
        {
            bool isLoaded = current is not null && await TryReloadAsync(current, cancellationToken);
            await events.WaitAsync(isLoaded ? _options.WatchInterval : _options.RetryInterval, _context.Time, cancellationToken);
            current = await TryPrepareAsync(isStart: false, cancellationToken);
        }
    }

    private void CheckFolders()
    {
        foreach (string directory in _options.RuleDirectories)
        {
            if (!Directory.Exists(directory)) throw new ComponentException($"--reloader.rule-dir: {directory} is no folder");
        }
    }

    private void Watch(FileEvents events)
    {
        // The folder and not the file: Kubernetes and editors put another file in its place.
        if (_options.ConfigFile.Length > 0) events.Watch(Path.GetDirectoryName(Path.GetFullPath(_options.ConfigFile))!, withSubfolders: false);
        foreach (string directory in _options.RuleDirectories) events.Watch(directory, withSubfolders: true);
    }

    /// <summary>Writes the configuration out and returns the digest of all that is watched; null when that failed.</summary>
    private async Task<byte[]?> TryPrepareAsync(bool isStart, CancellationToken cancellationToken)
    {
        _metrics.Applies.Inc();
        try
        {
            byte[] digest = FileDigest.Of(_options.ConfigFile, _options.RuleDirectories);
            if (_options.ConfigFile.Length > 0 && _options.OutputFile.Length > 0) await ExpandAsync(cancellationToken);
            return digest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _metrics.ApplyErrors.Inc();
            string message = e is InvalidDataException ? $"{_options.ConfigFile}: {e.Message}" : e.Message;
            if (isStart) throw new ComponentException($"reloader: {message}", e);
            _logger.Error("apply error", [("err", message)]);
            return null;
        }
    }

    private async Task ExpandAsync(CancellationToken cancellationToken)
    {
        byte[] config = await File.ReadAllBytesAsync(_options.ConfigFile, cancellationToken);
        byte[]? expanded = ConfigExpansion.Expand(config, _context.Environment.Variable, out string? unset);
        _metrics.ExpansionErrors.Set(expanded is null ? 1 : 0);
        if (expanded is null) throw new InvalidDataException($"found reference to unset environment variable \"{unset}\"");
        // Writing what is there already would be a change that is watched for.
        byte[]? present = File.Exists(_options.OutputFile) ? await File.ReadAllBytesAsync(_options.OutputFile, cancellationToken) : null;
        if (present is not null && present.AsSpan().SequenceEqual(expanded)) return;
        string unfinished = _options.OutputFile + ".tmp";
        await File.WriteAllBytesAsync(unfinished, expanded, cancellationToken);
        File.Move(unfinished, _options.OutputFile, overwrite: true);
    }

    /// <summary>Whether Prometheus runs on what <paramref name="digest"/> stands for.</summary>
    private async Task<bool> TryReloadAsync(byte[] digest, CancellationToken cancellationToken)
    {
        if (digest.AsSpan().SequenceEqual(_loaded)) return true;
        _metrics.Reloads.Inc();
        using var timeout = new CancellationTokenSource(_options.WatchInterval, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _trigger.ReloadAsync(either.Token);
        }
        catch (Exception e) when (e is StoreException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _metrics.ReloadErrors.Inc();
            _metrics.LastReloadSuccessful.Set(0);
            _logger.Error("Failed to trigger reload. Retrying.", [("err", e is StoreException ? e.Message : "Prometheus did not answer within --reloader.watch-interval"), ("in", _options.RetryInterval)]);
            return false;
        }

        _loaded = digest;
        _metrics.LastReloadSuccessful.Set(1);
        _metrics.LastReloadSuccessTimestamp.Set(_context.Time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        _logger.Info(
            "Reload triggered",
            [("cfg_in", _options.ConfigFile), ("cfg_out", _options.OutputFile), ("watched_dirs", string.Join(", ", _options.RuleDirectories))]);
        return true;
    }
}
