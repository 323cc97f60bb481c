using Aion.Hosting;
using Aion.PromQL;
using Prometheus;

namespace Aion.Query;

/// <summary>What the query API counts.</summary>
/// <remarks>Names: reference/metrics.md M-4 and M-1.</remarks>
internal sealed class QueryMetrics
{
    private readonly QueryTelemetryBuckets _buckets;
    private readonly Prometheus.Histogram _requestedRange;
    private readonly Prometheus.Histogram _selectDuration;
    private readonly Gauge _running;
    private readonly Gauge.Child _engineQueries;
    private readonly Counter.Child _engineSamples;
    private readonly Summary.Child _queueTime;
    private readonly Summary.Child _evaluationTime;
    private readonly Prometheus.Histogram.Child _queueHistogram;
    private readonly Prometheus.Histogram.Child _evaluationHistogram;

    public QueryMetrics(MetricsRegistry metrics, QueryTelemetryBuckets buckets)
    {
        _buckets = buckets;
        _requestedRange = metrics.Histogram(
            "thanos_query_range_requested_timespan_duration_seconds", "A histogram of the query range window in seconds", Buckets.Exponential(900, 2, 12));
        _selectDuration = metrics.Histogram(
            "thanos_store_api_query_duration_seconds", "Duration of the Thanos Store API select phase for a query.", buckets.Seconds, "series_le", "samples_le", "tenant");
        _running = metrics.Factory.CreateGauge("thanos_query_concurrent_queries", "Number of queries that are being evaluated.");
        string[] engineLabels = ["engine", "mode"];
        _engineQueries = metrics.Factory
            .CreateGauge("prometheus_engine_queries", "The current number of queries being executed or waiting.", engineLabels)
            .WithLabels("prometheus", "local");
        _engineSamples = metrics.Factory
            .CreateCounter("prometheus_engine_query_samples_total", "The total number of samples loaded by all queries.", engineLabels)
            .WithLabels("prometheus", "local");
        Summary timings = metrics.Factory.CreateSummary(
            "prometheus_engine_query_duration_seconds", "Query timings", ["engine", "mode", "slice"],
            new SummaryConfiguration { Objectives = [new(0.5, 0.05), new(0.9, 0.01), new(0.99, 0.001)] });
        _queueTime = timings.WithLabels("prometheus", "local", "queue_time");
        _evaluationTime = timings.WithLabels("prometheus", "local", "inner_eval");
        Prometheus.Histogram parts = metrics.Histogram(
            "prometheus_engine_query_duration_histogram_seconds", "The duration of various parts of PromQL query execution.",
            [0.01, 0.1, 1, 10], "engine", "mode", "slice");
        _queueHistogram = parts.WithLabels("prometheus", "local", "queue_time");
        _evaluationHistogram = parts.WithLabels("prometheus", "local", "inner_eval");
    }

    public void RangeRequested(long startMs, long endMs) => _requestedRange.Observe((endMs - startMs) / 1000.0);

    /// <summary>A query came; dispose when it is done, however it ends.</summary>
    public Waiting Arrive()
    {
        _engineQueries.Inc();
        return new Waiting(this);
    }

    public void Evaluated(TimeSpan queued, TimeSpan evaluation, QueryStatistics statistics, long series, string tenant)
    {
        _queueTime.Observe(queued.TotalSeconds);
        _queueHistogram.Observe(queued.TotalSeconds);
        _evaluationTime.Observe(evaluation.TotalSeconds);
        _evaluationHistogram.Observe(evaluation.TotalSeconds);
        _engineSamples.Inc(statistics.SamplesRead);
        _selectDuration
            .WithLabels(QueryTelemetryBuckets.SizeClass(_buckets.Series, series), QueryTelemetryBuckets.SizeClass(_buckets.Samples, statistics.SamplesRead), tenant)
            .Observe(evaluation.TotalSeconds);
    }

    public sealed class Waiting(QueryMetrics metrics) : IDisposable
    {
        private bool _isRunning;

        public void Started()
        {
            _isRunning = true;
            metrics._running.Inc();
        }

        public void Dispose()
        {
            metrics._engineQueries.Dec();
            if (_isRunning) metrics._running.Dec();
        }
    }
}

/// <summary>Bounds of the size classes by which query durations are told apart. Each list ascending. Immutable.</summary>
public sealed record QueryTelemetryBuckets
{
    /// <summary>Upstream: <c>--query.telemetry.request-duration-seconds-quantiles</c>.</summary>
    public IReadOnlyList<double> Seconds { get; init; } = [0.1, 0.25, 0.75, 1.25, 1.75, 2.5, 3, 5, 10];

    /// <summary>Upstream: <c>--query.telemetry.request-samples-quantiles</c>.</summary>
    public IReadOnlyList<double> Samples { get; init; } = [100, 1000, 10_000, 100_000, 1_000_000];

    /// <summary>Upstream: <c>--query.telemetry.request-series-seconds-quantiles</c>.</summary>
    public IReadOnlyList<double> Series { get; init; } = [10, 100, 1000, 10_000, 100_000];

    /// <summary>The smallest bound that holds the value, <c>+Inf</c> above the last.</summary>
    internal static string SizeClass(IReadOnlyList<double> bounds, double value)
    {
        foreach (double bound in bounds)
            if (value <= bound) return Model.GoFloat.ToGeneral(bound);
        return "+Inf";
    }
}
