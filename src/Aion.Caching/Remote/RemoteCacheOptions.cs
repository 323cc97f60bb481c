namespace Aion.Caching;

/// <summary>What all remote caches have in common.</summary>
internal sealed record RemoteCacheOptions
{
    public required TimeSpan GetTimeout { get; init; }

    public required TimeSpan SetTimeout { get; init; }

    /// <summary>Requests for values under way at once; 0 = no limit.</summary>
    public required int MaxGets { get; init; }

    /// <summary>Keys in one request; 0 = all.</summary>
    public required int GetBatch { get; init; }

    /// <summary>Stores under way at once, waiting ones aside; 0 = no limit. Null where there is no gate of that name.</summary>
    public int? MaxSets { get; init; }

    /// <summary>Values stored in one go; 0 = all that wait.</summary>
    public required int SetBatch { get; init; }

    /// <summary>Values that may wait to be stored.</summary>
    public required int BufferedSets { get; init; }

    public required int SetWorkers { get; init; }

    /// <summary>Larger values are not stored; 0 = no limit.</summary>
    public long MaxItemBytes { get; init; }

    public required BreakerConfig SetBreaker { get; init; }

    public static RemoteCacheOptions Of(MemcachedConfig config) => new()
    {
        GetTimeout = config.Timeout,
        SetTimeout = config.Timeout,
        MaxGets = config.MaxGetMultiConcurrency,
        GetBatch = config.MaxGetMultiBatchSize,
        SetBatch = 100,
        BufferedSets = config.MaxAsyncBufferSize,
        SetWorkers = config.MaxAsyncConcurrency,
        MaxItemBytes = config.MaxItemBytes,
        SetBreaker = config.SetBreaker,
    };

    public static RemoteCacheOptions Of(RedisConfig config) => new()
    {
        GetTimeout = config.LookupTimeout,
        SetTimeout = config.WriteTimeout,
        MaxGets = config.MaxGetMultiConcurrency,
        GetBatch = config.GetMultiBatchSize,
        MaxSets = config.MaxSetMultiConcurrency,
        SetBatch = config.SetMultiBatchSize,
        BufferedSets = config.MaxAsyncBufferSize,
        SetWorkers = config.MaxAsyncConcurrency,
        SetBreaker = config.SetBreaker,
    };
}
