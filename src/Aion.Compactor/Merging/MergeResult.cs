using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>What came of a merge or of a downsampling. Without series (<see cref="IsEmpty"/>) there is no output folder.</summary>
public sealed record MergeResult
{
    /// <summary>For the new block's meta.json.</summary>
    public required BlockStats Stats { get; init; }

    public required IndexStats IndexStats { get; init; }

    /// <summary>First and last sample by the chunks' entries in the index, both inclusive; min above max when there is none.</summary>
    public long FirstSampleMs { get; init; } = long.MaxValue;

    public long LastSampleMs { get; init; } = long.MinValue;

    /// <summary>Samples in the chunks that were read.</summary>
    public long SourceSamples { get; init; }

    public long CopiedChunks { get; init; }

    /// <summary>Chunks that were decoded, merged or cut anew, as they are in the output.</summary>
    public long EncodedChunks { get; init; }

    /// <summary>Identical chunks that were written once.</summary>
    public long DroppedDuplicates { get; init; }

    public long Repairs { get; init; }

    public long BytesRead { get; init; }

    public long BytesWritten { get; init; }

    public bool IsEmpty => Stats.Series == 0;
}
