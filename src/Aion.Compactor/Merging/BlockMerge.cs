using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Merges blocks of one group into one. The merge is total: whatever is in order and apart is copied byte for byte, overlapping chunks are
/// merged, damaged ones are left out and reported.
/// </summary>
public static class BlockMerge
{
    /// <param name="sources">
    /// At least one; by min time, as of equal samples the earlier block's is kept. The caller disposes them, after the merge.
    /// </param>
    /// <param name="options">How, and with how much memory.</param>
    /// <param name="outputFolder">
    /// The new block's folder, which must not exist; its parent must. Index and chunks are made there, meta.json is the caller's.
    /// </param>
    /// <param name="repairs">Is told of every chunk that was not passed on as it was for being wrong.</param>
    /// <param name="cancellationToken">Stops the merge; nothing is left behind.</param>
    /// <exception cref="SourceDamagedException">A block's index can't be used: set it aside and merge without it.</exception>
    /// <exception cref="BudgetExceededException">The budget is too small for this job.</exception>
    /// <exception cref="IOException">Reading or writing failed, for example on a full disk.</exception>
    public static Task<MergeResult> RunAsync(
        IReadOnlyList<SourceBlock> sources, MergeOptions options, string outputFolder, IRepairSink repairs,
        CancellationToken cancellationToken) =>
        SeriesPipeline.RunAsync(
            sources, options, outputFolder, repairs,
            budget => new SeriesMerger(options.Function, sources, budget).Process,
            cancellationToken);
}
