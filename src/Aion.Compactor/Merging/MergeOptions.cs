using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>How overlapping chunks of one series become one.</summary>
public enum MergeFunction
{
    /// <summary>Every timestamp is kept; of equal ones the sample of the earlier chunk (<c>--deduplication.func=""</c>).</summary>
    Chain,

    /// <summary>Chunks are from replicas: the densest one wins, gaps are filled from the others (<c>--deduplication.func=penalty</c>).</summary>
    Penalty,
}

/// <summary>What a merge or a downsampling may use.</summary>
public sealed record MergeOptions
{
    public MergeFunction Function { get; init; }

    /// <summary>Bytes that the job may hold, beside a small fixed part. Upstream has none; <c>--compact.memory-budget</c>.</summary>
    public long MemoryBudgetBytes { get; init; } = 128L << 20;

    /// <summary>Series with labels out of order are sorted; otherwise they make their block unfit (<c>--debug.accept-malformed-index</c>).</summary>
    public bool AcceptMalformedIndex { get; init; }

    /// <summary>Size at which a chunk segment file ends.</summary>
    public long SegmentLimitBytes { get; init; } = BlockWriter.DefaultSegmentLimitBytes;

    /// <summary>
    /// Is told the path of each chunk file of the output when it is whole, while the next is being written. The folder gets another name at the
    /// end: open the file at once. A merge that has to start again tells of the same names once more.
    /// </summary>
    public Action<string>? SegmentFinished { get; init; }

    /// <summary>Threads that check, decode and encode beside the one that writes. The output does not depend on it.</summary>
    public int Concurrency { get; init; } = Environment.ProcessorCount;
}
