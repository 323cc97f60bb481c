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

    /// <summary>Reads a merged block back and compares it with its sources.</summary>
    /// <returns>What is wrong with it; null when it may replace them.</returns>
    Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeResult result, MergeOptions options, CancellationToken cancellationToken);
}
