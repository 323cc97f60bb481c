using Aion.ObjectStorage;

namespace Aion.Caching;

/// <summary>Memcached servers, with Thanos's fields and defaults.</summary>
public sealed record MemcachedConfig : CacheConfig
{
    /// <summary><c>host:port</c>, a path of a socket, or a name with <c>dns+</c>, <c>dnssrv+</c> or <c>dnssrvnoa+</c> before it.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>How long one lookup or one store may take, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Unused connections kept for each server.</summary>
    public int MaxIdleConnections { get; init; } = 100;

    public int MaxAsyncConcurrency { get; init; } = 20;

    public int MaxAsyncBufferSize { get; init; } = 10_000;

    /// <summary>0 = no limit.</summary>
    public int MaxGetMultiConcurrency { get; init; } = 100;

    /// <summary>Larger values are neither stored nor taken; 0 = no limit.</summary>
    public long MaxItemBytes { get; init; } = 1 << 20;

    /// <summary>Keys asked of a server in one request; 0 = all.</summary>
    public int MaxGetMultiBatchSize { get; init; }

    public TimeSpan DnsUpdateInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The addresses are asked for the servers of their cluster, as Amazon's ElastiCache has it.</summary>
    public bool AutoDiscovery { get; init; }

    public BreakerConfig SetBreaker { get; init; } = new();

    internal static MemcachedConfig Read(ConfigNode settings)
    {
        settings.RefuseUnknown(
            "addresses", "timeout", "max_idle_connections", "max_async_concurrency", "max_async_buffer_size", "max_get_multi_concurrency",
            "max_item_size", "max_get_multi_batch_size", "dns_provider_update_interval", "auto_discovery", "set_async_circuit_breaker_config");
        var defaults = new MemcachedConfig { Addresses = settings.List("addresses") };
        if (defaults.Addresses.Count == 0) throw settings.Error("addresses", "no memcached addresses provided");
        MemcachedConfig read = defaults with
        {
            Timeout = settings.GoDuration("timeout", defaults.Timeout),
            MaxIdleConnections = (int)settings.Number("max_idle_connections", defaults.MaxIdleConnections, 0, int.MaxValue),
            MaxAsyncConcurrency = (int)settings.Number("max_async_concurrency", defaults.MaxAsyncConcurrency, int.MinValue, int.MaxValue),
            MaxAsyncBufferSize = (int)settings.Number("max_async_buffer_size", defaults.MaxAsyncBufferSize, 1, int.MaxValue),
            MaxGetMultiConcurrency = (int)settings.Number("max_get_multi_concurrency", defaults.MaxGetMultiConcurrency, 0, int.MaxValue),
            MaxItemBytes = settings.Bytes("max_item_size", defaults.MaxItemBytes),
            MaxGetMultiBatchSize = (int)settings.Number("max_get_multi_batch_size", defaults.MaxGetMultiBatchSize, 0, int.MaxValue),
            DnsUpdateInterval = settings.GoDuration("dns_provider_update_interval", defaults.DnsUpdateInterval),
            AutoDiscovery = settings.Flag("auto_discovery"),
            SetBreaker = BreakerConfig.Read(settings),
        };
        if (read.Timeout <= TimeSpan.Zero) throw settings.Error("timeout", "must be positive");
        if (read.DnsUpdateInterval <= TimeSpan.Zero)
            throw settings.Error("dns_provider_update_interval", "DNS provider update interval must be positive");
        if (read.MaxAsyncConcurrency <= 0) throw settings.Error("max_async_concurrency", "max async concurrency must be positive");
        return read;
    }
}
