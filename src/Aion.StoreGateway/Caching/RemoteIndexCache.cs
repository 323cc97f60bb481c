using Aion.Caching;

namespace Aion.StoreGateway;

/// <summary>
/// The index cache that several processes share, Thanos among them: under its keys and in its forms, except lists whose key would not be
/// theirs alone. A value that can't be right counts as not found.
/// </summary>
internal sealed class RemoteIndexCache(ICache cache, IndexCacheConfig config, IndexCacheMetrics metrics, TimeProvider time) : IIndexCache
{
    private readonly string[] _names = Enum.GetNames<IndexItem>();

    public bool IsTrusted => false;

    public bool Keeps(IndexItem item) => config.Keeps(item) && cache.IsAvailable;

    public async ValueTask<byte[]?[]> GetAsync(
        IndexItem item, IReadOnlyList<IndexCacheKey> keys, string tenant, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        var names = new string[keys.Count];
        for (var i = 0; i < names.Length; i++) names[i] = keys[i].SharedName();
        byte[]?[] values = await cache.GetAsync(names, cancellationToken);
        var hits = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            if (item == IndexItem.Series || PostingsCodec.IsChecked(value)) hits++;
            else values[i] = null;
        }

        metrics.Fetched(_names[(int)item], tenant, keys.Count, hits, time.GetElapsedTime(started));
        return values;
    }

    public void Set(IndexItem item, IReadOnlyList<(IndexCacheKey Key, byte[] Value)> items, string tenant)
    {
        foreach ((IndexCacheKey key, byte[] value) in items)
        {
            metrics.StoredBytes.WithLabels(_names[(int)item], tenant).Observe(value.Length);
            cache.Set(key.SharedName(), value, config.TimeToLive);
        }
    }

    public ValueTask DisposeAsync() => cache.DisposeAsync();
}
