using Aion.Hosting;
using Prometheus;

namespace Aion.StoreApi;

/// <summary>What a Store API server counts.</summary>
public sealed class StoreServerMetrics
{
    private readonly Histogram _series;
    private readonly Histogram _chunks;
    private readonly Gauge _pending;

    public StoreServerMetrics(MetricsRegistry metrics)
    {
        _series = metrics.Histogram(
            "thanos_store_server_series_requested", "Number of series that a Series call returned.",
            [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);
        _chunks = metrics.Histogram(
            "thanos_store_server_chunks_requested", "Number of chunks that a Series call returned.",
            [1, 100, 1_000, 10_000, 100_000, 10_000_000, 100_000_000, 1_000_000_000]);
        _pending = metrics.Factory.CreateGauge("thanos_store_server_pending_series_requests", "Series calls that are being answered.");
    }

    internal IDisposable TrackPending() => _pending.TrackInProgress();

    internal void Served(long series, long chunks)
    {
        _series.Observe(series);
        _chunks.Observe(chunks);
    }
}
