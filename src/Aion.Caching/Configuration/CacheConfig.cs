using Aion.ObjectStorage;

namespace Aion.Caching;

/// <summary>The settings of one kind of cache, as they stand under <c>config</c>; reference/config-files.md §2.1.</summary>
public abstract record CacheConfig
{
    /// <param name="type">In any case: <c>IN-MEMORY</c>, <c>MEMCACHED</c> or <c>REDIS</c>.</param>
    /// <returns>Null for a kind that is not known.</returns>
    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static CacheConfig? Read(string type, ConfigNode settings) => type.ToUpperInvariant() switch
    {
        "IN-MEMORY" => MemoryCacheConfig.Read(settings),
        "MEMCACHED" => MemcachedConfig.Read(settings),
        "REDIS" => RedisConfig.Read(settings),
        _ => null,
    };
}

/// <summary>A cache in this process.</summary>
/// <param name="MaxBytes">What it may take, overhead included.</param>
/// <param name="MaxItemBytes">Larger values are not kept.</param>
public sealed record MemoryCacheConfig(long MaxBytes, long MaxItemBytes) : CacheConfig
{
    private const long DefaultMaxBytes = 250L << 20;
    private const long DefaultMaxItemBytes = 125L << 20;

    /// <summary>A cache of so many bytes.</summary>
    public static MemoryCacheConfig OfSize(long maxBytes) => new(maxBytes, Math.Min(maxBytes, DefaultMaxItemBytes));

    internal static MemoryCacheConfig Read(ConfigNode settings)
    {
        settings.RefuseUnknown("max_size", "max_item_size");
        long max = settings.Bytes("max_size", 0) is var given and > 0 ? given : DefaultMaxBytes;
        // Only an item size that was asked for can be too large; the default follows the cache's.
        long maxItem = settings.Bytes("max_item_size", 0) is var item and > 0 ? item : Math.Min(DefaultMaxItemBytes, max);
        return maxItem <= max
            ? new MemoryCacheConfig(max, maxItem)
            : throw settings.Error("max_item_size", $"max item size ({maxItem}) cannot be bigger than overall cache size ({max})");
    }
}
