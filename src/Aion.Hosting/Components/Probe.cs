using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Hosting;

/// <summary>
/// Healthy and ready, as the HTTP probes, the gRPC health service and <c>thanos_status</c> show them. Both start as no. Thread-safe.
/// </summary>
public sealed class Probe
{
    private readonly ILogger _logger;
    private readonly Gauge.Child _readyGauge;
    private readonly Gauge.Child _healthyGauge;
    private readonly Lock _changing = new();
    private volatile bool _ready;
    private volatile bool _healthy;

    internal Probe(string component, ILogger logger, MetricsRegistry metrics)
    {
        _logger = logger;
        Gauge status = metrics.Factory.CreateGauge(
            "thanos_status", "Represents status (0 indicates failure, 1 indicates success) of the component.", "component", "check");
        _readyGauge = status.WithLabels(component, "ready");
        _healthyGauge = status.WithLabels(component, "healthy");
        _readyGauge.Set(0);
        _healthyGauge.Set(0);
    }

    public bool IsReady => _ready;

    public bool IsHealthy => _healthy;

    /// <summary>Raised after readiness changed, with the new state; the gRPC health service listens.</summary>
    internal event Action<bool>? ReadyChanged;

    public void SetReady()
    {
        lock (_changing)
        {
            if (_ready) return;
            _ready = true;
            _readyGauge.Set(1);
        }

        _logger.Info("changing probe status", [("status", "ready")]);
        ReadyChanged?.Invoke(true);
    }

    /// <param name="reason">The cause, or null for an ordinary stop.</param>
    public void SetNotReady(Exception? reason)
    {
        lock (_changing)
        {
            if (!_ready) return;
            _ready = false;
            _readyGauge.Set(0);
        }

        _logger.Warn("changing probe status", [("status", "not-ready"), ("reason", reason)]);
        ReadyChanged?.Invoke(false);
    }

    public void SetHealthy()
    {
        lock (_changing)
        {
            if (_healthy) return;
            _healthy = true;
            _healthyGauge.Set(1);
        }

        _logger.Info("changing probe status", [("status", "healthy")]);
    }

    /// <inheritdoc cref="SetNotReady"/>
    public void SetNotHealthy(Exception? reason)
    {
        lock (_changing)
        {
            if (!_healthy) return;
            _healthy = false;
            _healthyGauge.Set(0);
        }

        _logger.Info("changing probe status", [("status", "not-healthy"), ("reason", reason)]);
    }
}
