using Aion.Model;

namespace Aion.Compactor;

/// <summary>Passes each repair on once: a merge that starts again meets the same ones. Not thread-safe.</summary>
internal sealed class DistinctRepairs(IRepairSink inner) : IRepairSink
{
    private readonly HashSet<(BlockId Block, ulong Chunk, RepairKind Kind, int Series)> _seen = [];

    public void Report(in ChunkRepair repair)
    {
        if (_seen.Add((repair.Block, repair.Chunk.Ref, repair.Kind, repair.Series.GetHashCode()))) inner.Report(repair);
    }
}
