namespace Aion.Compactor;

/// <summary>What an operator asks of the blocks of a bucket. Everything a plan depends on besides the blocks and the time.</summary>
public sealed record CompactionPolicy
{
    /// <summary>See <see cref="CompactionRanges"/>.</summary>
    public IReadOnlyList<long> RangesMs { get; init; } = CompactionRanges.All;

    /// <summary>An index that a merge would make beyond this is avoided: its largest part is marked to be left alone.</summary>
    public long MaxIndexBytes { get; init; } = 64L << 30;

    /// <summary>
    /// Whether overlapping downsampled blocks are merged. Otherwise they are marked to be left alone, as upstream's compactor does, which
    /// can't merge them.
    /// </summary>
    public bool MergesDownsampledOverlaps { get; init; }

    public bool DownsamplingEnabled { get; init; } = true;

    public RetentionPolicy Retention { get; init; } = new();

    /// <summary>From the mark to the deletion of a block.</summary>
    public TimeSpan DeleteDelay { get; init; } = TimeSpan.FromHours(48);

    /// <summary>Youngest age of a block that is worked with.</summary>
    public TimeSpan ConsistencyDelay { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Age of the youngest object at which a block without meta.json counts as left behind.</summary>
    public TimeSpan PartialUploadAge => ConsistencyDelay > MinPartialUploadAge ? ConsistencyDelay : MinPartialUploadAge;

    private static TimeSpan MinPartialUploadAge { get; } = TimeSpan.FromHours(48);
}
