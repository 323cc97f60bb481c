using Aion.Hosting;
using Aion.Storage;
using Prometheus;

namespace Aion.Sidecar;

public sealed record HeartbeatOptions
{
    public required TimeSpan Interval { get; init; }

    /// <summary>For one round of questions.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Where shipped blocks are noted, when blocks are shipped: then Prometheus's flags are checked first.</summary>
    public string? ShipperFile { get; init; }

    public bool IgnoreUnequalBlockSize { get; init; }
}

/// <summary>
/// Waits for Prometheus, learns its external labels and time range, and keeps asking. The component is ready while Prometheus answers.
/// </summary>
public sealed class PrometheusHeartbeat
{
    private static readonly TimeSpan FlagsRetry = TimeSpan.FromSeconds(2);

    private readonly PrometheusClient _client;
    private readonly PrometheusMetadata _metadata;
    private readonly HeartbeatOptions _options;
    private readonly ComponentContext _context;
    private readonly Gauge _up;
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PrometheusHeartbeat(PrometheusClient client, PrometheusMetadata metadata, HeartbeatOptions options, ComponentContext context)
    {
        _client = client;
        _metadata = metadata;
        _options = options;
        _context = context;
        _up = context.Metrics.Factory.CreateGauge(
            "thanos_sidecar_prometheus_up", "Boolean indicator whether the sidecar can reach its Prometheus peer.");
    }

    /// <summary>Completes once the external labels are known.</summary>
    public Task Known => _known.Task;

    /// <exception cref="ComponentException">Prometheus is configured so that a sidecar can't work beside it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (_options.ShipperFile is not null) await CheckFlagsAsync(_options.ShipperFile, cancellationToken);
        await FirstContactAsync(cancellationToken);
        _known.TrySetResult();
        while (true)
        {
            await Task.Delay(_options.Interval, _context.Time, cancellationToken);
            try
            {
                await WithTimeoutAsync(token => _metadata.RefreshAsync(_client, token), cancellationToken);
                SetUp();
            }
            catch (Exception e) when (e is StoreException or NoExternalLabelsException)
            {
                _context.Logger.Warn("heartbeat failed", [("err", e)]);
                SetDown(e);
            }
        }
    }

    private async Task CheckFlagsAsync(string shipperFile, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, string>? flags = null;
        await RetryAsync(
            "failed to get Prometheus flags. Is Prometheus running? Retrying", FlagsRetry,
            async token => flags = await _client.FlagsAsync(token), cancellationToken);
        if (flags is null)
        {
            _context.Logger.Warn("failed to check Prometheus flags, due to potentially older Prometheus. No extra validation is done.");
            return;
        }

        (string? error, string? warning) = BlockDurationCheck.Judge(flags, shipperFile, _options.IgnoreUnequalBlockSize);
        if (error is not null) throw new ComponentException($"validate Prometheus flags: {error}");
        if (warning is not null) _context.Logger.Warn(warning);
    }

    private async Task FirstContactAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RetryAsync(
                "failed to fetch initial external labels. Is Prometheus running? Retrying", _options.Interval,
                token => _metadata.RefreshAsync(_client, token), cancellationToken);
        }
        catch (NoExternalLabelsException e)
        {
            throw new ComponentException(e.Message, e);
        }

        _context.Logger.Info("successfully loaded prometheus version", [("version", $"{_metadata.Version.Major}.{_metadata.Version.Minor}")]);
        _context.Logger.Info("successfully loaded prometheus external labels", [("external_labels", _metadata.ExternalLabels.ToString())]);
        SetUp();
    }

    private async Task RetryAsync(string complaint, TimeSpan pause, Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await WithTimeoutAsync(call, cancellationToken);
                return;
            }
            catch (StoreException e)
            {
                _context.Logger.Warn(complaint, [("err", e)]);
                SetDown(e);
            }

            await Task.Delay(pause, _context.Time, cancellationToken);
        }
    }

    private async Task WithTimeoutAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _context.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await call(linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(
                StoreErrorKind.DeadlineExceeded,
                $"Prometheus at {_client.Address} did not answer within {_options.Timeout.TotalSeconds:0.###} s (--prometheus.get_config_timeout)");
        }
    }

    private void SetUp()
    {
        _up.Set(1);
        _context.Probe.SetReady();
    }

    private void SetDown(Exception reason)
    {
        _up.Set(0);
        _context.Probe.SetNotReady(reason);
    }
}
