using Prometheus;

namespace Aion.Caching;

/// <summary>
/// The instruments of a remote cache. Thanos's names where it has them: all of <c>thanos_memcached_*</c>, and the durations of
/// <c>thanos_redis_*</c>, whose other operations are counted under <c>aion_redis_*</c> likewise.
/// </summary>
internal sealed class RemoteCacheMetrics
{
    public const string Get = "getmulti";
    public const string Set = "set";

    private const string TooLarge = "max-item-size";
    private const string BufferFull = "async-buffer-full";
    private const string ServerOut = "bypassed";
    private const string BreakerOpen = "circuit-open";
    private const string MalformedKey = "malformed-key";

    private static readonly double[] DurationBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 3, 6, 10];

    private static readonly double[] SizeBuckets =
        [32, 256, 512, 1024, 32 << 10, 256 << 10, 512 << 10, 1 << 20, 32 << 20, 256 << 20, 512 << 20];

    private readonly Counter _operations;
    private readonly Counter _failures;
    private readonly Counter _skipped;
    private readonly Histogram _duration;
    private readonly Histogram _dataSize;
    private readonly Gauge _used;
    private readonly Counter? _keysAsked;
    private readonly Counter? _keysFound;

    /// <param name="kind"><c>memcached</c> or <c>redis</c>.</param>
    public RemoteCacheMetrics(string kind, CacheContext context)
    {
        Kind = kind;
        IMetricFactory factory = context.Factory;
        string own = kind == "memcached" ? "thanos_memcached_" : $"aion_{kind}_";
        _operations = factory.CreateCounter(own + "operations_total", $"Total number of operations against {kind}.", ["operation"]);
        _failures = factory.CreateCounter(own + "operation_failures_total", $"Total number of operations against {kind} that failed.", ["operation", "reason"]);
        _skipped = factory.CreateCounter(
            own + "operation_skipped_total", $"Total number of operations against {kind} that have been skipped.", ["operation", "reason"]);
        _duration = factory.CreateHistogram(
            $"thanos_{kind}_operation_duration_seconds", $"Duration of operations against {kind}.", ["operation"],
            new HistogramConfiguration { Buckets = DurationBuckets });
        _dataSize = factory.CreateHistogram(
            own + "operation_data_size_bytes", $"Tracks the size of the data stored in and fetched from {kind}.", ["operation"],
            new HistogramConfiguration { Buckets = SizeBuckets });
        _used = factory.CreateGauge("aion_cache_server_used", "Whether a cache server is used (1) or bypassed because it does not answer (0).", ["server"]);
        foreach (string operation in (string[])[Get, Set])
        {
            _operations.WithLabels(operation);
            _duration.WithLabels(operation);
            _dataSize.WithLabels(operation);
            foreach (CacheFault fault in Enum.GetValues<CacheFault>()) _failures.WithLabels(operation, ReasonOf(fault));
            _failures.WithLabels(operation, MalformedKey);
            _skipped.WithLabels(operation, ServerOut);
        }

        _skipped.WithLabels(Get, TooLarge);
        foreach (string reason in (string[])[TooLarge, BufferFull, BreakerOpen]) _skipped.WithLabels(Set, reason);
        if (!context.CountsKeys) return;
        _keysAsked = factory.CreateCounter($"thanos_cache_{kind}_requests_total", $"Total number of items requests to {kind}.");
        _keysFound = factory.CreateCounter($"thanos_cache_{kind}_hits_total", "Total number of items requests to the cache that were a hit.");
    }

    public string Kind { get; }

    public void Started(string operation, int count = 1) => _operations.WithLabels(operation).Inc(count);

    public void Succeeded(string operation, TimeSpan duration, long bytes)
    {
        _duration.WithLabels(operation).Observe(duration.TotalSeconds);
        _dataSize.WithLabels(operation).Observe(bytes);
    }

    public void Failed(string operation, CacheFault fault, int count = 1) => _failures.WithLabels(operation, ReasonOf(fault)).Inc(count);

    public void BadKey(string operation) => _failures.WithLabels(operation, MalformedKey).Inc();

    public void Bypassed(string operation, int count = 1) => _skipped.WithLabels(operation, ServerOut).Inc(count);

    public void HeldBack(int count) => _skipped.WithLabels(Set, BreakerOpen).Inc(count);

    public void Dropped() => _skipped.WithLabels(Set, BufferFull).Inc();

    public void ItemTooLarge(string operation) => _skipped.WithLabels(operation, TooLarge).Inc();

    public void Used(string server, bool isUsed) => _used.WithLabels(server).Set(isUsed ? 1 : 0);

    public void ServerGone(string server) => _used.RemoveLabelled(server);

    public void Looked(int keys, int found)
    {
        _keysAsked?.Inc(keys);
        _keysFound?.Inc(found);
    }

    private static string ReasonOf(CacheFault fault) => fault switch
    {
        CacheFault.Timeout => "timeout",
        CacheFault.NetworkError => "network-error",
        CacheFault.ServerError => "server-error",
        _ => "other",
    };
}
