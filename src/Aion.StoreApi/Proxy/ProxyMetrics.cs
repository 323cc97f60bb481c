using Aion.Hosting;
using Prometheus;

namespace Aion.StoreApi;

/// <summary>What a proxy counts.</summary>
public sealed class ProxyMetrics(MetricsRegistry metrics)
{
    private readonly Counter _emptyStreams = metrics.Factory.CreateCounter(
        "thanos_proxy_store_empty_stream_responses_total", "Number of series streams of stores that returned nothing.");

    internal void EmptyStream() => _emptyStreams.Inc();
}
