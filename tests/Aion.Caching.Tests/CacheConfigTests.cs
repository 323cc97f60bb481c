using Aion.ObjectStorage;

namespace Aion.Caching.Tests;

/// <summary>The fields of caches, with Thanos's names and defaults; reference/config-files.md §2.1.</summary>
public sealed class CacheConfigTests
{
    [Fact]
    public void Memory_has_Thanos_defaults_and_a_small_cache_may_hold_items_as_large()
    {
        Assert.Equal(new MemoryCacheConfig(250L << 20, 125L << 20), Read("IN-MEMORY", ""));
        Assert.Equal(new MemoryCacheConfig(100L << 20, 100L << 20), Read("in-memory", "max_size: 100MB"));
        Assert.Equal(new MemoryCacheConfig(1L << 30, 1L << 20), Read("IN-MEMORY", "max_size: 1GB, max_item_size: 1MB"));
    }

    [Fact]
    public void Memcached_has_Thanos_defaults()
    {
        var config = (MemcachedConfig)Read("MEMCACHED", "addresses: [a:1, dns+b:2]")!;

        Assert.Equal(["a:1", "dns+b:2"], config.Addresses);
        Assert.Equal(TimeSpan.FromMilliseconds(500), config.Timeout);
        Assert.Equal((100, 20, 10_000), (config.MaxIdleConnections, config.MaxAsyncConcurrency, config.MaxAsyncBufferSize));
        Assert.Equal((100, 0, 1L << 20), (config.MaxGetMultiConcurrency, config.MaxGetMultiBatchSize, config.MaxItemBytes));
        Assert.Equal(TimeSpan.FromSeconds(10), config.DnsUpdateInterval);
        Assert.False(config.AutoDiscovery);
        Assert.Equal(new BreakerConfig(), config.SetBreaker);
    }

    [Fact]
    public void Memcached_takes_every_field()
    {
        var config = (MemcachedConfig)Read("MEMCACHED",
            "addresses: [a:1], timeout: 1s500ms, max_idle_connections: 1, max_async_concurrency: 2, max_async_buffer_size: 3, "
            + "max_get_multi_concurrency: 4, max_item_size: 5KiB, max_get_multi_batch_size: 6, dns_provider_update_interval: 7s, auto_discovery: true, "
            + "set_async_circuit_breaker_config: {enabled: true, half_open_max_requests: 1, open_duration: 2s, min_requests: 3, consecutive_failures: 4, failure_percent: 0.5}")!;

        Assert.Equal(TimeSpan.FromSeconds(1.5), config.Timeout);
        Assert.Equal((1, 2, 3), (config.MaxIdleConnections, config.MaxAsyncConcurrency, config.MaxAsyncBufferSize));
        Assert.Equal((4, 6, 5L << 10), (config.MaxGetMultiConcurrency, config.MaxGetMultiBatchSize, config.MaxItemBytes));
        Assert.Equal(TimeSpan.FromSeconds(7), config.DnsUpdateInterval);
        Assert.True(config.AutoDiscovery);
        Assert.Equal(
            new BreakerConfig { Enabled = true, HalfOpenMaxRequests = 1, OpenDuration = TimeSpan.FromSeconds(2), MinRequests = 3, ConsecutiveFailures = 4, FailurePercent = 0.5 },
            config.SetBreaker);
    }

    [Fact]
    public void Redis_has_Thanos_defaults_but_for_the_time_a_lookup_may_take()
    {
        var config = (RedisConfig)Read("REDIS", "addr: 'a:1, b:2'")!;

        Assert.Equal(["a:1", "b:2"], config.Addresses);
        Assert.Equal(("", "", "", 0, ""), (config.Prefix, config.Username, config.Password, config.Database, config.MasterName));
        Assert.Equal((5, 3), (config.DialTimeout.TotalSeconds, config.WriteTimeout.TotalSeconds));
        Assert.Equal((100, 100, 100, 100), (config.MaxGetMultiConcurrency, config.GetMultiBatchSize, config.MaxSetMultiConcurrency, config.SetMultiBatchSize));
        Assert.Equal((10_000, 20), (config.MaxAsyncBufferSize, config.MaxAsyncConcurrency));
        Assert.Null(config.Tls);
        Assert.Equal(RedisConfig.DefaultLookupTimeout, config.LookupTimeout);
        Assert.Equal(TimeSpan.FromSeconds(3), ((RedisConfig)Read("REDIS", "addr: a:1, read_timeout: 3s")!).LookupTimeout);
    }

    [Theory]
    [InlineData("IN-MEMORY", "max_sise: 1MB", "field config.max_sise is not known")]
    [InlineData("IN-MEMORY", "max_size: 5", "config.max_size")]
    [InlineData("IN-MEMORY", "max_size: 1MB, max_item_size: 2MB", "cannot be bigger than overall cache size")]
    [InlineData("MEMCACHED", "", "config.addresses: no memcached addresses provided")]
    [InlineData("MEMCACHED", "addresses: a:1", "config.addresses must be a list")]
    [InlineData("MEMCACHED", "addresses: [a:1], adresses: [b:1]", "field config.adresses is not known")]
    [InlineData("MEMCACHED", "addresses: [a:1], tls_enabled: true", "field config.tls_enabled is not known")]
    [InlineData("MEMCACHED", "addresses: [a:1], timeout: fast", "config.timeout")]
    [InlineData("MEMCACHED", "addresses: [a:1], max_async_concurrency: 0", "max async concurrency must be positive")]
    [InlineData("MEMCACHED", "addresses: [a:1], dns_provider_update_interval: 0s", "DNS provider update interval must be positive")]
    [InlineData("MEMCACHED", "addresses: [a:1], set_async_circuit_breaker_config: {enabled: true, failure_percent: 2}", "failure_percent")]
    [InlineData("MEMCACHED", "addresses: [a:1], set_async_circuit_breaker_config: {enabled: true, consecutive_failures: 0}", "consecutive_failures")]
    [InlineData("MEMCACHED", "addresses: [a:1], set_async_circuit_breaker_config: {enable: true}", "set_async_circuit_breaker_config.enable is not known")]
    [InlineData("REDIS", "", "config.addr: no redis addr provided")]
    [InlineData("REDIS", "addr: a:1, adr: b", "field config.adr is not known")]
    [InlineData("REDIS", "addr: a:1, cache_size: 1MiB", "config.cache_size: client-side caching is not built")]
    [InlineData("REDIS", "addr: a:1, db: -1", "config.db")]
    [InlineData("REDIS", "addr: a:1, tls_enabled: true, tls_config: {cert_file: x}", "config.tls_config.key_file: both client key and certificate must be provided")]
    [InlineData("REDIS", "addr: a:1, tls_enabled: true, tls_config: {min_version: '2.0'}", "unknown TLS version")]
    [InlineData("REDIS", "addr: a:1, tls_enabled: true, tls_config: {ca_file: /nowhere/ca.pem}", "config.tls_config.ca_file")]
    [InlineData("REDIS", "addr: a:1, tls_config: {insecure: true}", "field config.tls_config.insecure is not known")]
    public void Wrong_fields_are_refused_by_name(string type, string settings, string error) =>
        Assert.Contains(error, Assert.Throws<BucketConfigException>(() => Read(type, settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void Another_kind_is_not_known() => Assert.Null(Read("GROUPCACHE", ""));

    internal static CacheConfig? Read(string type, string settings) => CacheConfig.Read(type, ConfigNode.Parse($"config: {{{settings}}}").Map("config"));
}
