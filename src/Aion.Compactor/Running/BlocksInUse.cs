using Aion.Model;

namespace Aion.Compactor;

/// <summary>Blocks that a job of this process works on. Thread-safe.</summary>
internal sealed class BlocksInUse
{
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<BlockId, int> _counts = [];

    public IDisposable Use(IEnumerable<BlockId> blocks)
    {
        BlockId[] used = [.. blocks];
        lock (_lock)
        {
            foreach (BlockId block in used) _counts[block] = _counts.GetValueOrDefault(block) + 1;
        }

        return new Usage(this, used);
    }

    public bool Contains(BlockId block)
    {
        lock (_lock) return _counts.ContainsKey(block);
    }

    private sealed class Usage(BlocksInUse owner, BlockId[] blocks) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
            {
                foreach (BlockId block in blocks)
                    if (--owner._counts[block] == 0) owner._counts.Remove(block);
            }
        }
    }
}
