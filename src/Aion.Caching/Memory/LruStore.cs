namespace Aion.Caching;

/// <summary>
/// Values under keys within a budget of bytes (or of whatever their owner counts): what was used longest ago goes first. Knows no clock and counts nothing; its owner is told
/// what went. Not thread-safe.
/// </summary>
/// <param name="maxBytes">What all entries may take, as their owner measures them.</param>
/// <param name="evicted">Told of every entry that had to go.</param>
public sealed class LruStore<TKey, TValue>(long maxBytes, Action<TKey, TValue, long> evicted)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<Entry>> _nodes = [];

    // First is used latest.
    private readonly LinkedList<Entry> _order = [];

    public int Count => _nodes.Count;

    public long Bytes { get; private set; }

    public bool Contains(TKey key) => _nodes.ContainsKey(key);

    /// <summary>Finds a value, which counts as a use.</summary>
    public bool TryGet(TKey key, out TValue value)
    {
        if (!_nodes.TryGetValue(key, out LinkedListNode<Entry>? node))
        {
            value = default!;
            return false;
        }

        _order.Remove(node);
        _order.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    /// <summary>Puts a value in place of what is there, and makes room for it.</summary>
    /// <returns>False when it is larger than everything may be together; then nothing is changed.</returns>
    public bool Set(TKey key, TValue value, long bytes)
    {
        if (bytes > maxBytes) return false;
        Remove(key, out _);
        while (Bytes + bytes > maxBytes)
        {
            Entry last = _order.Last!.Value;
            Remove(last.Key, out _);
            evicted(last.Key, last.Value, last.Bytes);
        }

        _nodes.Add(key, _order.AddFirst(new Entry(key, value, bytes)));
        Bytes += bytes;
        return true;
    }

    /// <returns>False when there is nothing under the key; otherwise how many bytes it took.</returns>
    public bool Remove(TKey key, out long bytes)
    {
        bytes = 0;
        if (!_nodes.Remove(key, out LinkedListNode<Entry>? node)) return false;
        _order.Remove(node);
        bytes = node.Value.Bytes;
        Bytes -= bytes;
        return true;
    }

    private readonly record struct Entry(TKey Key, TValue Value, long Bytes);
}
