using System.IO.Hashing;
using System.Text;
using Aion.Model;

namespace Aion.Storage;

/// <summary>
/// Tells which series belong to a shard: xxhash64 over <c>name 0xFF value 0xFF</c> of the selected labels, in the order of the series,
/// modulo the number of shards. Look at the labels after external labels were added and replica labels removed. Thread-safe.
/// </summary>
public sealed class ShardMatcher
{
    private readonly ulong _index;
    private readonly ulong _total;
    private readonly bool _by;
    private readonly byte[][] _labels;

    public ShardMatcher(ShardInfo shard)
    {
        _index = (ulong)shard.ShardIndex;
        _total = shard.TotalShards < 1 ? 0 : (ulong)shard.TotalShards;
        _by = shard.By;
        _labels = [.. shard.Labels.Select(Encoding.UTF8.GetBytes)];
    }

    public bool Matches(Labels labels)
    {
        if (_total == 0) return true;
        var hash = new XxHash64();
        foreach (var label in labels)
        {
            if (IsListed(label.Name) != _by) continue;
            hash.Append(label.Name);
            hash.Append([0xFF]);
            hash.Append(label.Value);
            hash.Append([0xFF]);
        }

        return hash.GetCurrentHashAsUInt64() % _total == _index;
    }

    private bool IsListed(ReadOnlySpan<byte> name)
    {
        foreach (byte[] listed in _labels)
            if (name.SequenceEqual(listed)) return true;
        return false;
    }
}
