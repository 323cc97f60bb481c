using Aion.ObjectStorage;

namespace Aion.Caching;

/// <summary>A Redis server, cluster or sentinel group, with Thanos's fields and defaults.</summary>
public sealed record RedisConfig : CacheConfig
{
    /// <summary>How long a lookup may take where <c>read_timeout</c> is not given: Thanos's 3 s would stall every query once before a dead server is bypassed.</summary>
    public static readonly TimeSpan DefaultLookupTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary><c>host:port</c>; several for a cluster or for sentinels.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Stands before every key.</summary>
    public string Prefix { get; init; } = "";

    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    public int Database { get; init; }

    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one lookup may take.</summary>
    public TimeSpan LookupTimeout { get; init; } = DefaultLookupTimeout;

    /// <summary>How long one store may take.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>0 = no limit.</summary>
    public int MaxGetMultiConcurrency { get; init; } = 100;

    /// <summary>Keys asked in one request; 0 = all.</summary>
    public int GetMultiBatchSize { get; init; } = 100;

    /// <summary>0 = no limit.</summary>
    public int MaxSetMultiConcurrency { get; init; } = 100;

    /// <summary>Values stored in one go; 0 = all that wait.</summary>
    public int SetMultiBatchSize { get; init; } = 100;

    /// <summary>Null for no TLS.</summary>
    public RedisTls? Tls { get; init; }

    /// <summary>The name of the master that the addresses, which are then sentinels, look after; empty = no sentinels.</summary>
    public string MasterName { get; init; } = "";

    public int MaxAsyncBufferSize { get; init; } = 10_000;

    public int MaxAsyncConcurrency { get; init; } = 20;

    public BreakerConfig SetBreaker { get; init; } = new();

    internal static RedisConfig Read(ConfigNode settings)
    {
        settings.RefuseUnknown(
            "addr", "prefix", "username", "password", "db", "dial_timeout", "read_timeout", "write_timeout", "max_get_multi_concurrency",
            "get_multi_batch_size", "max_set_multi_concurrency", "set_multi_batch_size", "tls_enabled", "tls_config", "cache_size",
            "master_name", "max_async_buffer_size", "max_async_concurrency", "set_async_circuit_breaker_config");
        string[] addresses = settings.TextOrEmpty("addr").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (addresses.Length == 0) throw settings.Error("addr", "no redis addr provided");
        if (settings.Bytes("cache_size", 0) != 0)
            throw settings.Error("cache_size", "client-side caching is not built; leave it out or set it to 0");
        var defaults = new RedisConfig { Addresses = addresses };
        return defaults with
        {
            Prefix = settings.TextOrEmpty("prefix"),
            Username = settings.TextOrEmpty("username"),
            Password = settings.TextOrEmpty("password"),
            Database = (int)settings.Number("db", 0, 0, int.MaxValue),
            DialTimeout = Positive(settings, "dial_timeout", defaults.DialTimeout),
            LookupTimeout = Positive(settings, "read_timeout", defaults.LookupTimeout),
            WriteTimeout = Positive(settings, "write_timeout", defaults.WriteTimeout),
            MaxGetMultiConcurrency = Count(settings, "max_get_multi_concurrency", defaults.MaxGetMultiConcurrency),
            GetMultiBatchSize = Count(settings, "get_multi_batch_size", defaults.GetMultiBatchSize),
            MaxSetMultiConcurrency = Count(settings, "max_set_multi_concurrency", defaults.MaxSetMultiConcurrency),
            SetMultiBatchSize = Count(settings, "set_multi_batch_size", defaults.SetMultiBatchSize),
            Tls = RedisTls.Read(settings),
            MasterName = settings.TextOrEmpty("master_name"),
            MaxAsyncBufferSize = Count(settings, "max_async_buffer_size", defaults.MaxAsyncBufferSize, lowest: 1),
            MaxAsyncConcurrency = Count(settings, "max_async_concurrency", defaults.MaxAsyncConcurrency, lowest: 1),
            SetBreaker = BreakerConfig.Read(settings),
        };
    }

    private static int Count(ConfigNode settings, string field, int otherwise, int lowest = 0) =>
        (int)settings.Number(field, otherwise, lowest, int.MaxValue);

    private static TimeSpan Positive(ConfigNode settings, string field, TimeSpan otherwise)
    {
        TimeSpan value = settings.GoDuration(field, otherwise);
        return value > TimeSpan.Zero ? value : throw settings.Error(field, "must be positive");
    }
}
