using Aion.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Caching;

/// <summary>What a cache is given besides its settings.</summary>
/// <param name="Name">Tells the caches of one component apart in metrics and logs: <c>index-cache</c>, <c>caching-bucket</c>.</param>
/// <param name="Random">Spreads retries; values in <c>[0, 1)</c>.</param>
public sealed record CacheContext(string Name, MetricsRegistry Metrics, TimeProvider Time, ILogger Logger, Func<double> Random)
{
    /// <summary>Whether the keys asked and found are counted by kind of cache (<c>thanos_cache_redis_requests_total</c>); its user may count them itself.</summary>
    public bool CountsKeys { get; init; }

    /// <summary>Resolves names of servers.</summary>
    public IDnsLookup Dns { get; init; } = new DnsLookup();

    /// <summary>Makes instruments that carry the cache's name as a label.</summary>
    internal IMetricFactory Factory => Metrics.Factory.WithLabels(new Dictionary<string, string> { ["name"] = Name });
}
