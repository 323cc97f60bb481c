using Aion.Caching;

namespace Aion.StoreGateway;

/// <summary>The index cache in this process: what was used longest ago goes first, and the memory it takes, overhead included, is bounded.</summary>
internal sealed class MemoryIndexCache : IIndexCache
{
    /// <summary>What an item takes beside its value and its key's text: nodes, dictionary slot, array header.</summary>
    internal const int OverheadBytes = 192;

    private readonly IndexCacheConfig _config;
    private readonly MemoryCacheConfig _limits;
    private readonly IndexCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string[] _names = Enum.GetNames<IndexItem>();
    private readonly LruStore<IndexCacheKey, byte[]> _items;
    private readonly Lock _lock = new(); // guards _items

    public MemoryIndexCache(IndexCacheConfig config, IndexCacheMetrics metrics, TimeProvider time)
    {
        _config = config;
        _limits = (MemoryCacheConfig)config.Cache;
        _metrics = metrics;
        _time = time;
        _items = new LruStore<IndexCacheKey, byte[]>(_limits.MaxBytes, Evicted);
        metrics.MaxBytes.Set(_limits.MaxBytes);
        metrics.MaxItemBytes.Set(_limits.MaxItemBytes);
    }

    public bool IsTrusted => true;

    public bool Keeps(IndexItem item) => _config.Keeps(item);

    public ValueTask<byte[]?[]> GetAsync(IndexItem item, IReadOnlyList<IndexCacheKey> keys, string tenant, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        var values = new byte[]?[keys.Count];
        var hits = 0;
        lock (_lock)
        {
            for (var i = 0; i < keys.Count; i++)
            {
                if (!_items.TryGet(keys[i], out byte[] value)) continue;
                values[i] = value;
                hits++;
            }
        }

        _metrics.Fetched(_names[(int)item], tenant, keys.Count, hits, _time.GetElapsedTime(started));
        return ValueTask.FromResult(values);
    }

    public void Set(IndexItem item, IReadOnlyList<(IndexCacheKey Key, byte[] Value)> items, string tenant)
    {
        string name = _names[(int)item];
        foreach ((_, byte[] value) in items) _metrics.StoredBytes.WithLabels(name, tenant).Observe(value.Length);
        lock (_lock)
        {
            foreach ((IndexCacheKey key, byte[] value) in items) Add(name, key, value);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Add(string name, IndexCacheKey key, byte[] value)
    {
        // An item that is there stays: blocks do not change.
        if (_items.Contains(key)) return;
        // The pair is for sharing; here it would keep its text alive.
        IndexCacheKey own = key.WithoutPair();
        long bytes = OverheadBytes + value.Length + 2L * own.Matchers.Length;
        if (value.Length > _limits.MaxItemBytes || !_items.Set(own, value, bytes))
        {
            _metrics.Overflowed.WithLabels(name).Inc();
            return;
        }

        _metrics.Added.WithLabels(name).Inc();
        Count(name, value, bytes, 1);
    }

    private void Evicted(IndexCacheKey key, byte[] value, long bytes)
    {
        string name = _names[(int)key.Item];
        _metrics.Evicted.WithLabels(name).Inc();
        Count(name, value, bytes, -1);
    }

    private void Count(string name, byte[] value, long bytes, int sign)
    {
        _metrics.Items.WithLabels(name).Inc(sign);
        _metrics.ItemBytes.WithLabels(name).Inc((double)sign * value.Length);
        _metrics.TotalBytes.WithLabels(name).Inc((double)sign * bytes);
    }
}
