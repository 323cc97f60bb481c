using Aion.Model;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// What a merge reported of its sources, as far as a comparison with them must allow for it. Filled by one thread; then thread-safe.
/// </summary>
public sealed class KnownRepairs
{
    /// <summary>Chunks that are remembered one by one; with more of them any chunk may have been left out.</summary>
    private const int MaxChunks = 200_000;

    private readonly HashSet<(BlockId Block, ulong Reference)> _leftOut = [];
    private readonly HashSet<BlockId> _unsorted = [];
    private bool _anyMayMiss;

    public void Add(in ChunkRepair repair)
    {
        if (repair.Kind == RepairKind.OutOfOrderSeries) _unsorted.Add(repair.Block);
        if (repair.Kind is not (RepairKind.Corrupt or RepairKind.Undecodable or RepairKind.UnknownEncoding)) return;
        if (_leftOut.Count < MaxChunks) _leftOut.Add((repair.Block, repair.Chunk.Ref));
        else _anyMayMiss = true;
    }

    public void Clear()
    {
        _leftOut.Clear();
        _unsorted.Clear();
        _anyMayMiss = false;
    }

    /// <summary>Whether the chunk may be missing from what was made.</summary>
    internal bool MayMiss(BlockId block, in ChunkMeta chunk) => _anyMayMiss || _leftOut.Contains((block, chunk.Ref));

    /// <summary>The series of the block are in another order than their labels.</summary>
    internal bool IsUnsorted(BlockId block) => _unsorted.Contains(block);
}
