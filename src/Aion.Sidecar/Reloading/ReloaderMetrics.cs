using Prometheus;

namespace Aion.Sidecar;

/// <summary>The reloader's instruments, under Thanos's names.</summary>
public sealed class ReloaderMetrics(IMetricFactory metrics)
{
    private const string Prefix = "thanos_sidecar_reloader_";

    internal Counter Reloads { get; } = metrics.CreateCounter(Prefix + "reloads_total", "Total number of reload requests.");

    internal Counter ReloadErrors { get; } = metrics.CreateCounter(Prefix + "reloads_failed_total", "Total number of reload requests that failed.");

    internal Gauge LastReloadSuccessful { get; } = metrics.CreateGauge(
        Prefix + "last_reload_successful", "Whether the last reload attempt was successful");

    internal Gauge LastReloadSuccessTimestamp { get; } = metrics.CreateGauge(
        Prefix + "last_reload_success_timestamp_seconds", "Timestamp of the last successful reload");

    internal Counter Applies { get; } = metrics.CreateCounter(
        Prefix + "config_apply_operations_total", "Total number of config apply operations.");

    internal Counter ApplyErrors { get; } = metrics.CreateCounter(
        Prefix + "config_apply_operations_failed_total", "Total number of config apply operations that failed.");

    internal Gauge ExpansionErrors { get; } = metrics.CreateGauge(
        Prefix + "config_environment_variable_expansion_errors",
        "Number of environment variable expansions that failed during the last operation.");

    internal Gauge Watches { get; } = metrics.CreateGauge(Prefix + "watches", "Number of resources watched by the reloader.");

    internal Counter WatchEvents { get; } = metrics.CreateCounter(
        Prefix + "watch_events_total", "Total number of events received by the reloader from the watcher.");

    internal Counter WatchErrors { get; } = metrics.CreateCounter(
        Prefix + "watch_errors_total", "Total number of errors received by the reloader from the watcher.");

    private Gauge Info { get; } = metrics.CreateGauge(
        Prefix + "info", "A metric with a constant '1' value labeled by reload method (either 'http' or 'signal').", ["method"]);

    internal void SetMethod(string method) => Info.WithLabels(method).Set(1);
}
