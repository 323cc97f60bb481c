using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>The work on blocks on the local disk, which a job does between download and upload.</summary>
internal interface IBlockWork
{
    /// <summary>Merges blocks of one group into a new folder; see <see cref="MergeResult"/>.</summary>
    /// <exception cref="SourceDamagedException">One of them can't take part.</exception>
    Task<MergeResult> MergeAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken);

    /// <inheritdoc cref="MergeAsync"/>
    Task<MergeResult> DownsampleAsync(
        LocalBlock source, string output, long resolutionMs, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken);

    /// <summary>Reads a new block back and compares it with what it was made of.</summary>
    /// <param name="meta">Of the new block.</param>
    /// <param name="known">What was reported of the sources on the way.</param>
    /// <returns>What is wrong with it; null when it may be used.</returns>
    Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, BlockMeta meta, MergeOptions options, KnownRepairs known,
        CancellationToken cancellationToken);
}
