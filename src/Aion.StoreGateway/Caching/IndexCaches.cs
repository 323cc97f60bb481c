using Aion.Caching;
using Aion.Hosting;

namespace Aion.StoreGateway;

/// <summary>Makes the index cache that a configuration asks for.</summary>
internal static class IndexCaches
{
    /// <returns>Null for none.</returns>
    public static IIndexCache? Create(IndexCacheConfig? config, ComponentContext context)
    {
        if (config is null) return null;
        var metrics = new IndexCacheMetrics(context.Metrics);
        if (config.Cache is MemoryCacheConfig) return new MemoryIndexCache(config, metrics, context.Time);
        ICache cache = Caches.Create(config.Cache, new CacheContext("index-cache", context.Metrics, context.Time, context.Logger, Random.Shared.NextDouble));
        return new RemoteIndexCache(cache, config, metrics, context.Time);
    }
}
