using Aion.Hosting;
using Prometheus;

namespace Aion.StoreGateway;

/// <summary>The instruments of an index cache, under Thanos's names.</summary>
internal sealed class IndexCacheMetrics
{
    private static readonly double[] SizeBuckets =
    [
        32, 256, 512, 1024, 32 * 1024, 256 * 1024, 512 * 1024, 1024 * 1024,
        32 * 1024 * 1024, 64 * 1024 * 1024, 128 * 1024 * 1024, 256 * 1024 * 1024, 512 * 1024 * 1024,
    ];

    public IndexCacheMetrics(MetricsRegistry metrics)
    {
        const string P = "thanos_store_index_cache_";
        MetricFactory f = metrics.Factory;
        Requests = f.CreateCounter(P + "requests_total", "Total number of items requests to the cache.", "item_type", "tenant");
        Hits = f.CreateCounter(P + "hits_total", "Total number of items requests to the cache that were a hit.", "item_type", "tenant");
        StoredBytes = metrics.Histogram(P + "stored_data_size_bytes", "Sizes of the items stored in the cache.", SizeBuckets, "item_type", "tenant");
        FetchDuration = metrics.Histogram(
            P + "fetch_duration_seconds", "Time that fetching items from the cache took.",
            [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120], "item_type", "tenant");
        Added = f.CreateCounter(P + "items_added_total", "Total number of items that were added to the index cache.", "item_type");
        Evicted = f.CreateCounter(P + "items_evicted_total", "Total number of items that were evicted from the index cache.", "item_type");
        Overflowed = f.CreateCounter(P + "items_overflowed_total", "Total number of items that were too large for the cache.", "item_type");
        Items = f.CreateGauge(P + "items", "Current number of items in the index cache.", "item_type");
        ItemBytes = f.CreateGauge(P + "items_size_bytes", "Current bytes of items in the index cache, without overhead.", "item_type");
        TotalBytes = f.CreateGauge(P + "total_size_bytes", "Current bytes of items in the index cache, overhead included.", "item_type");
        MaxBytes = f.CreateGauge(P + "max_size_bytes", "Maximum number of bytes to be held in the index cache.");
        MaxItemBytes = f.CreateGauge(P + "max_item_size_bytes", "Maximum number of bytes for a single entry to be held in the index cache.");
        foreach (string item in Enum.GetNames<IndexItem>())
        {
            foreach (Counter counter in (ReadOnlySpan<Counter>)[Added, Evicted, Overflowed]) counter.WithLabels(item).Publish();
            foreach (Gauge gauge in (ReadOnlySpan<Gauge>)[Items, ItemBytes, TotalBytes]) gauge.WithLabels(item).Publish();
        }
    }

    public void Fetched(string item, string tenant, int keys, int hits, TimeSpan duration)
    {
        Requests.WithLabels(item, tenant).Inc(keys);
        Hits.WithLabels(item, tenant).Inc(hits);
        FetchDuration.WithLabels(item, tenant).Observe(duration.TotalSeconds);
    }

    public Counter Requests { get; }

    public Counter Hits { get; }

    public Histogram StoredBytes { get; }

    public Histogram FetchDuration { get; }

    public Counter Added { get; }

    public Counter Evicted { get; }

    public Counter Overflowed { get; }

    public Gauge Items { get; }

    public Gauge ItemBytes { get; }

    public Gauge TotalBytes { get; }

    public Gauge MaxBytes { get; }

    public Gauge MaxItemBytes { get; }
}
