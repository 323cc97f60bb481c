namespace Aion.Compactor;

/// <summary>The real work: streaming merge, downsampling and verification.</summary>
internal sealed class BlockWork : IBlockWork
{
    public Task<MergeResult> MergeAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<MergeResult> DownsampleAsync(
        LocalBlock source, string output, long resolutionMs, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeResult result, MergeOptions options, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
