using System.Globalization;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>The real work: streaming merge and downsampling, and a look at what they wrote.</summary>
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

    public Task<string?> VerifyAsync(
        IReadOnlyList<LocalBlock> sources, string output, MergeResult result, MergeOptions options, CancellationToken cancellationToken) =>
        Task.Run(() => ReadBack(output, result, cancellationToken), cancellationToken);

    /// <summary>Every chunk of the new block is there, whole, in order, and they hold as many samples as were written.</summary>
    private static string? ReadBack(string output, MergeResult result, CancellationToken cancellationToken)
    {
        ulong series = 0, chunks = 0, samples = 0;
        try
        {
            using BlockReader reader = BlockReader.Open(output);
            using IDisposable lease = reader.Lease();
            foreach (BlockSeries found in reader.Select([], long.MinValue, long.MaxValue))
            {
                cancellationToken.ThrowIfCancellationRequested();
                series++;
                foreach (ChunkMeta chunk in found.Chunks)
                {
                    chunks++;
                    samples += (ulong)ChunkDecoder.SampleCount(reader.ReadChunk(chunk));
                }
            }
        }
        catch (Exception e) when (e is TsdbCorruptionException or IOException)
        {
            return e.Message;
        }

        return (series, chunks, samples) == (result.Stats.Series, result.Stats.Chunks, result.Stats.Samples)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"it holds {series} series, {chunks} chunks, {samples} samples; {result.Stats.Series}, {result.Stats.Chunks}, {result.Stats.Samples} were written");
    }
}
