using Aion.Hosting;
using Prometheus;

namespace Aion.StoreGateway;

/// <summary>The instruments of a caching bucket, under Thanos's names.</summary>
internal sealed class BucketCacheMetrics
{
    public const string Chunks = "chunks";
    public const string MetaFiles = "meta.jsons";
    public const string Listing = "blocks-iter";

    public const string GetRange = "get_range";
    public const string Attributes = "attributes";
    public const string Exists = "exists";
    public const string Get = "get";
    public const string List = "iter";

    private readonly Counter _requests;
    private readonly Counter _hits;
    private readonly Counter _requestedBytes;
    private readonly Counter _fetchedBytes;
    private readonly Counter _refetchedBytes;

    public BucketCacheMetrics(MetricsRegistry metrics)
    {
        const string P = "thanos_store_bucket_cache_";
        MetricFactory f = metrics.Factory;
        _requests = f.CreateCounter(P + "operation_requests_total", "Number of requested operations matching given config.", "operation", "config");
        _hits = f.CreateCounter(P + "operation_hits_total", "Number of operations served from cache for given config.", "operation", "config");
        _requestedBytes = f.CreateCounter(P + "getrange_requested_bytes_total", "Total number of bytes requested via GetRange.", "config");
        _fetchedBytes = f.CreateCounter(
            P + "getrange_fetched_bytes_total", "Total number of bytes fetched because of GetRange operation, by where they came from.", "origin", "config");
        _refetchedBytes = f.CreateCounter(
            P + "getrange_refetched_bytes_total", "Total number of bytes fetched from the bucket although they were in the cache already.", "origin", "config");
        foreach ((string operation, string config) in
            (ReadOnlySpan<(string, string)>)[(GetRange, Chunks), (Attributes, Chunks), (Exists, MetaFiles), (Get, MetaFiles), (List, Listing)])
        {
            _requests.WithLabels(operation, config).Publish();
            _hits.WithLabels(operation, config).Publish();
        }

        _requestedBytes.WithLabels(Chunks).Publish();
        _fetchedBytes.WithLabels("cache", Chunks).Publish();
        _fetchedBytes.WithLabels("bucket", Chunks).Publish();
        _refetchedBytes.WithLabels("cache", Chunks).Publish();
    }

    public void Asked(string operation, string config) => _requests.WithLabels(operation, config).Inc();

    /// <param name="part">Of the operation that was served, <c>[0, 1]</c>.</param>
    public void Served(string operation, string config, double part = 1) => _hits.WithLabels(operation, config).Inc(part);

    public void Requested(long bytes) => _requestedBytes.WithLabels(Chunks).Inc(bytes);

    public void FromCache(long bytes) => _fetchedBytes.WithLabels("cache", Chunks).Inc(bytes);

    public void FromBucket(long bytes) => _fetchedBytes.WithLabels("bucket", Chunks).Inc(bytes);

    public void Again(long bytes) => _refetchedBytes.WithLabels("cache", Chunks).Inc(bytes);
}
