using Aion.Blocks;
using Aion.Model;

namespace Aion.Compactor;

/// <summary>Why blocks are merged.</summary>
public enum CompactionReason
{
    /// <summary>They share time: replicas, or the same data twice.</summary>
    Overlap,

    /// <summary>Together they make a longer block.</summary>
    Range,

    /// <summary>One block, much of which is deleted.</summary>
    Tombstones,
}

/// <summary>A mark that a plan asks for before its merge.</summary>
/// <param name="Reason">One of <see cref="NoCompactReason"/>.</param>
public sealed record PlannedMark(BlockId Block, string Reason, string Details);

/// <summary>The next step of one group.</summary>
/// <param name="Blocks">To be merged into one; by start; empty when nothing is to be done.</param>
/// <param name="Marks">To be written before; the plan holds only with them.</param>
public sealed record CompactionPlan(BlockGroup Group, CompactionReason Reason, IReadOnlyList<BlockMeta> Blocks, IReadOnlyList<PlannedMark> Marks)
{
    public bool IsEmpty => Blocks.Count == 0;

    public bool HasOverlaps => Reason == CompactionReason.Overlap;

    public long MinTimeMs => Blocks.Min(b => b.MinTimeMs);

    public long MaxTimeMs => Blocks.Max(b => b.MaxTimeMs);

    public long InputBytes => Blocks.Sum(b => b.TotalBytes());

    /// <summary>The level-1 blocks in the result, ascending.</summary>
    public IReadOnlyList<BlockId> Sources => [.. Blocks.SelectMany(b => b.Sources).Distinct().Order()];

    /// <summary>For a person: what and why.</summary>
    public string Describe() => Reason switch
    {
        CompactionReason.Overlap => $"{Blocks.Count} blocks overlap",
        CompactionReason.Range => $"{Blocks.Count} blocks make one of {TimeSpan.FromMilliseconds(MaxTimeMs - MinTimeMs).TotalHours:0.##} hours",
        _ => $"{Blocks[0].Stats.Tombstones} deletions in {Blocks[0].Stats.Series} series",
    };
}
