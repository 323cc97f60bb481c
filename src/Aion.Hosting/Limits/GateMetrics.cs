using Prometheus;

namespace Aion.Hosting;

/// <summary>What the gates of one kind count together, under the names of the field's gates.</summary>
public sealed class GateMetrics
{
    private readonly TimeProvider _time;
    private readonly Gauge _inFlight;
    private readonly Counter _total;
    private readonly Histogram _wait;

    /// <param name="prefix">Metric names begin with it, for example <c>thanos_query_concurrent_</c>.</param>
    /// <param name="operation">What passes the gate, in the plural.</param>
    /// <param name="limit">0 or less: no limit.</param>
    public GateMetrics(MetricsRegistry metrics, string prefix, string operation, int limit)
        : this(metrics.Factory, metrics.Time, prefix, operation, limit)
    {
    }

    /// <inheritdoc cref="GateMetrics(MetricsRegistry, string, string, int)"/>
    /// <param name="factory">May add labels, for one of several gates of the same names.</param>
    public GateMetrics(IMetricFactory factory, TimeProvider time, string prefix, string operation, int limit)
    {
        _time = time;
        factory.CreateGauge($"{prefix}gate_{operation}_max", $"Maximum number of concurrent {operation}.").Set(Math.Max(limit, 0));
        _inFlight = factory.CreateGauge($"{prefix}gate_{operation}_in_flight", $"Number of {operation} that are currently in flight.");
        _total = factory.CreateCounter($"{prefix}gate_{operation}_total", $"Total number of {operation}.");
        _wait = factory.CreateHistogram(
            $"{prefix}gate_{operation}_duration_seconds", $"How many seconds it took for {operation} to wait at the gate.",
            new HistogramConfiguration { Buckets = [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720] });
    }

    internal long Now() => _time.GetTimestamp();

    internal TimeSpan Entered(long arrived)
    {
        TimeSpan waited = _time.GetElapsedTime(arrived);
        _wait.Observe(waited.TotalSeconds);
        _total.Inc();
        _inFlight.Inc();
        return waited;
    }

    internal void Left() => _inFlight.Dec();
}
