namespace Aion.Caching;

/// <summary>A cache in this process, bounded by bytes. A value past its time goes when it is asked for, or when its turn comes.</summary>
internal sealed class MemoryCache : ICache
{
    /// <summary>What an entry takes beside its value and its key's text: nodes, dictionary slot, array and string heads.</summary>
    internal const int OverheadBytes = 200;

    private readonly MemoryCacheConfig _config;
    private readonly MemoryCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly LruStore<string, (byte[] Value, DateTimeOffset Expires)> _entries;
    private readonly Lock _lock = new(); // guards _entries

    public MemoryCache(MemoryCacheConfig config, CacheContext context)
    {
        _config = config;
        _time = context.Time;
        _metrics = new MemoryCacheMetrics(context.Factory);
        _metrics.MaxBytes.Set(config.MaxBytes);
        _metrics.MaxItemBytes.Set(config.MaxItemBytes);
        _entries = new LruStore<string, (byte[], DateTimeOffset)>(config.MaxBytes, (_, _, _) => _metrics.Evicted.Inc());
    }

    public bool IsAvailable => true;

    public bool IsTrusted => true;

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var values = new byte[]?[keys.Count];
        int hits = 0, expired = 0;
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            for (var i = 0; i < keys.Count; i++)
            {
                if (!_entries.TryGet(keys[i], out (byte[] Value, DateTimeOffset Expires) entry)) continue;
                if (entry.Expires <= now)
                {
                    _entries.Remove(keys[i], out _);
                    expired++;
                    continue;
                }

                values[i] = entry.Value;
                hits++;
            }

            if (expired > 0) Show();
        }

        _metrics.Requests.Inc(keys.Count);
        _metrics.Hits.Inc(hits);
        _metrics.Expired.Inc(expired);
        return ValueTask.FromResult(values);
    }

    public void Set(string key, byte[] value, TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero) return;
        long bytes = OverheadBytes + 2L * key.Length + value.Length;
        DateTimeOffset expires = _time.GetUtcNow() + timeToLive;
        bool kept = false;
        lock (_lock)
        {
            if (value.Length <= _config.MaxItemBytes) kept = _entries.Set(key, (value, expires), bytes);
            Show();
        }

        (kept ? _metrics.Added : _metrics.Overflowed).Inc();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Show()
    {
        _metrics.Items.Set(_entries.Count);
        _metrics.ItemBytes.Set(_entries.Bytes - (long)OverheadBytes * _entries.Count);
        _metrics.TotalBytes.Set(_entries.Bytes);
    }
}
