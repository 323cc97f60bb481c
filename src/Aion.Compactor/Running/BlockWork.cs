using Aion.Blocks;

namespace Aion.Compactor;

/// <summary>The real work: streaming merge, downsampling and verification.</summary>
internal sealed class BlockWork : IBlockWork
{
    public async Task<MergeResult> MergeAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken)
    {
        var opened = new List<SourceBlock>(sources.Count);
        try
        {
            foreach (LocalBlock source in sources) opened.Add(SourceBlock.Open(source.Meta, source.Directory));
            return await BlockMerge.RunAsync(opened, options, output, repairs, cancellationToken);
        }
        finally
        {
            foreach (SourceBlock block in opened) block.Dispose();
        }
    }

    public async Task<MergeResult> DownsampleAsync(
        LocalBlock source, string output, long resolutionMs, MergeOptions options, IRepairSink repairs, CancellationToken cancellationToken)
    {
        using SourceBlock block = SourceBlock.Open(source.Meta, source.Directory);
        return await BlockDownsample.RunAsync(block, resolutionMs, options, output, repairs, cancellationToken);
    }

    public async Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, BlockMeta meta, MergeOptions options, KnownRepairs known,
        CancellationToken cancellationToken)
    {
        var opened = new List<SourceBlock>(sources.Count);
        try
        {
            foreach (LocalBlock source in sources) opened.Add(SourceBlock.Open(source.Meta, source.Directory));
            await BlockVerification.RunAsync(output, meta, opened, options.Function, BlockVerification.DefaultReadBack, known, cancellationToken);
            return null;
        }
        catch (VerificationFailedException e)
        {
            return e.Message;
        }
        finally
        {
            foreach (SourceBlock block in opened) block.Dispose();
        }
    }
}
