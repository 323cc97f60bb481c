using Prometheus;

namespace Aion.Caching;

/// <summary>The instruments of a cache in memory, under Thanos's names.</summary>
internal sealed class MemoryCacheMetrics(IMetricFactory factory)
{
    private const string P = "thanos_cache_inmemory_";

    public Counter Evicted { get; } = factory.CreateCounter(P + "items_evicted_total", "Total number of items that were evicted from the inmemory cache.");

    public Counter Requests { get; } = factory.CreateCounter(P + "requests_total", "Total number of requests to the inmemory cache.");

    public Counter Hits { get; } = factory.CreateCounter(P + "hits_total", "Total number of requests to the inmemory cache that were a hit.");

    public Counter Expired { get; } = factory.CreateCounter(
        P + "hits_on_expired_data_total", "Total number of requests to the inmemory cache that found an item past its time to live.");

    public Counter Added { get; } = factory.CreateCounter(P + "items_added_total", "Total number of items that were added to the inmemory cache.");

    public Counter Overflowed { get; } = factory.CreateCounter(
        P + "items_overflowed_total", "Total number of items that were too large for the inmemory cache.");

    public Gauge Items { get; } = factory.CreateGauge(P + "items", "Current number of items in the inmemory cache.");

    public Gauge ItemBytes { get; } = factory.CreateGauge(P + "items_size_bytes", "Current bytes of items and keys in the inmemory cache.");

    public Gauge TotalBytes { get; } = factory.CreateGauge(P + "total_size_bytes", "Current bytes of the inmemory cache, overhead included.");

    public Gauge MaxBytes { get; } = factory.CreateGauge(P + "max_size_bytes", "Maximum number of bytes to be held in the inmemory cache.");

    public Gauge MaxItemBytes { get; } = factory.CreateGauge(
        P + "max_item_size_bytes", "Maximum number of bytes for a single entry to be held in the inmemory cache.");
}
