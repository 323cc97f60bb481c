namespace Aion.Caching;

/// <summary>Makes caches out of their settings.</summary>
public static class Caches
{
    public static ICache Create(CacheConfig config, CacheContext context) => config switch
    {
        MemoryCacheConfig memory => new MemoryCache(memory, context),
        MemcachedConfig memcached => Remote(memcached, context),
        RedisConfig redis => Remote(redis, context),
        _ => throw new ArgumentException($"no cache is made of {config.GetType().Name}", nameof(config)),
    };

    private static RemoteCache Remote(MemcachedConfig config, CacheContext context)
    {
        var metrics = new RemoteCacheMetrics("memcached", context);
        return new RemoteCache(new MemcachedPool(config, metrics, context), RemoteCacheOptions.Of(config), metrics, context);
    }

    private static RemoteCache Remote(RedisConfig config, CacheContext context)
    {
        var metrics = new RemoteCacheMetrics("redis", context);
        return new RemoteCache(new RedisPool(config, metrics, context), RemoteCacheOptions.Of(config), metrics, context);
    }
}
