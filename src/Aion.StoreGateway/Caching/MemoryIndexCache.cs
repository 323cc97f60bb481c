namespace Aion.StoreGateway;

/// <summary>The index cache in this process: what was used longest ago goes first, and the memory it takes, overhead included, is bounded.</summary>
internal sealed class MemoryIndexCache : IIndexCache
{
    /// <summary>What an item takes beside its value and its key's text: node, dictionary slot, array header.</summary>
    internal const int OverheadBytes = 192;

    private readonly IndexCacheConfig _config;
    private readonly IndexCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string[] _names = Enum.GetNames<IndexItem>();
    private readonly Dictionary<IndexCacheKey, Node> _nodes = [];
    private readonly Lock _lock = new();

    // The ring's head: next is used latest, previous is used longest ago.
    private readonly Node _ring = new(default, []);
    private long _bytes;

    public MemoryIndexCache(IndexCacheConfig config, IndexCacheMetrics metrics, TimeProvider time)
    {
        _config = config;
        _metrics = metrics;
        _time = time;
        _ring.Next = _ring.Previous = _ring;
        metrics.MaxBytes.Set(config.MaxBytes);
        metrics.MaxItemBytes.Set(config.MaxItemBytes);
    }

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
                if (!_nodes.TryGetValue(keys[i], out Node? node)) continue;
                Unlink(node);
                LinkFirst(node);
                values[i] = node.Value;
                hits++;
            }
        }

        string name = _names[(int)item];
        _metrics.Requests.WithLabels(name, tenant).Inc(keys.Count);
        _metrics.Hits.WithLabels(name, tenant).Inc(hits);
        _metrics.FetchDuration.WithLabels(name, tenant).Observe(_time.GetElapsedTime(started).TotalSeconds);
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

    private void Add(string name, IndexCacheKey key, byte[] value)
    {
        // An item that is there stays: blocks do not change.
        if (_nodes.ContainsKey(key)) return;
        var node = new Node(key, value);
        if (value.Length > _config.MaxItemBytes || node.Bytes > _config.MaxBytes)
        {
            _metrics.Overflowed.WithLabels(name).Inc();
            return;
        }

        while (_bytes + node.Bytes > _config.MaxBytes) Evict(_ring.Previous!);
        _nodes.Add(key, node);
        LinkFirst(node);
        _bytes += node.Bytes;
        _metrics.Added.WithLabels(name).Inc();
        Count(name, node, 1);
    }

    private void Evict(Node node)
    {
        Unlink(node);
        _nodes.Remove(node.Key);
        _bytes -= node.Bytes;
        string name = _names[(int)node.Key.Item];
        _metrics.Evicted.WithLabels(name).Inc();
        Count(name, node, -1);
    }

    private void Count(string name, Node node, int sign)
    {
        _metrics.Items.WithLabels(name).Inc(sign);
        _metrics.ItemBytes.WithLabels(name).Inc((double)sign * node.Value.Length);
        _metrics.TotalBytes.WithLabels(name).Inc((double)sign * node.Bytes);
    }

    private void LinkFirst(Node node)
    {
        node.Previous = _ring;
        node.Next = _ring.Next;
        _ring.Next!.Previous = node;
        _ring.Next = node;
    }

    private static void Unlink(Node node)
    {
        node.Previous!.Next = node.Next;
        node.Next!.Previous = node.Previous;
    }

    private sealed class Node(IndexCacheKey key, byte[] value)
    {
        public IndexCacheKey Key => key;

        public byte[] Value => value;

        public Node? Next { get; set; }

        public Node? Previous { get; set; }

        public long Bytes => OverheadBytes + value.Length + 2L * (key.Matchers?.Length ?? 0);
    }
}
