using Aion.Caching;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>How index items are cached; see reference/config-files.md §2.1.</summary>
/// <param name="Cache">Where they are kept.</param>
/// <param name="Items">What is kept; empty for everything.</param>
/// <param name="TimeToLive">How long an item stays in a cache outside this process.</param>
public sealed record IndexCacheConfig(CacheConfig Cache, IReadOnlyList<string> Items, TimeSpan TimeToLive)
{
    private static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromHours(24);

    /// <summary>A cache in memory of so many bytes that keeps everything.</summary>
    public static IndexCacheConfig OfSize(long maxBytes) => new(MemoryCacheConfig.OfSize(maxBytes), [], DefaultTimeToLive);

    /// <summary>Reads the configuration file's text.</summary>
    /// <exception cref="FormatException">Names the field that is wrong.</exception>
    public static IndexCacheConfig Parse(string yaml)
    {
        try
        {
            ConfigNode root = ConfigNode.Parse(yaml);
            root.RefuseUnknown("type", "config", "enabled_items", "ttl");
            string type = root.TextOrEmpty("type");
            CacheConfig cache = CacheConfig.Read(type, root.Map("config"))
                ?? throw new FormatException($"index cache with type {type} is not supported (field type): IN-MEMORY, MEMCACHED or REDIS");
            TimeSpan ttl = root.GoDuration("ttl", default);
            if (ttl < TimeSpan.Zero) throw root.Error("ttl", "must not be negative");
            return new IndexCacheConfig(cache, EnabledItems(root), ttl == TimeSpan.Zero ? DefaultTimeToLive : ttl);
        }
        catch (BucketConfigException e)
        {
            throw new FormatException($"index cache: {e.Message}", e);
        }
    }

    internal bool Keeps(IndexItem item) => Items.Count == 0 || Items.Contains(item.ToString());

    private static IReadOnlyList<string> EnabledItems(ConfigNode root)
    {
        IReadOnlyList<string> items = root.List("enabled_items");
        foreach (string item in items)
            if (!Enum.GetNames<IndexItem>().Contains(item)) throw root.Error("enabled_items", $"unsupported item type {item}");
        return items;
    }
}
