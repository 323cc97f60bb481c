using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.Model;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary>
/// Writes a block anew by the compactor's merge, which sorts, joins and leaves out what is wrong chunk by chunk, and puts the result in
/// the old one's place. The old block goes to the backup bucket; it is taken away only after the new one is there.
/// </summary>
internal static class BlockRepair
{
    /// <param name="folder">A working folder.</param>
    /// <exception cref="ComponentException">What was written is not sound either, or the backup refuses the block.</exception>
    public static async Task RunAsync(BlockCheck check, BlockMeta meta, string folder, CancellationToken cancellationToken)
    {
        check.Logger.Info("downloading block for repair", [("id", meta.Id)]);
        string source = Path.Combine(folder, meta.Id.ToString());
        BlockId newId = BlockId.New(check.Context.Time);
        string output = Path.Combine(folder, newId.ToString());
        try
        {
            await BlockDownload.RunAsync(check.Bucket, meta.Id, source, cancellationToken);
            check.Logger.Info("repairing block", [("id", meta.Id), ("newID", newId)]);
            MergeResult result;
            using (SourceBlock block = SourceBlock.Open(meta, source))
            {
                result = await BlockMerge.RunAsync([block], new MergeOptions { AcceptMalformedIndex = true }, output, new RepairLines(check.Logger), cancellationToken);
            }

            if (result.IsEmpty)
            {
                check.Logger.Warn("nothing of the block can be saved; it stays as it is", [("id", meta.Id)]);
                return;
            }

            await ReplaceAsync(check, meta, MetaOf(meta, newId, result), output, cancellationToken);
        }
        catch (SourceDamagedException e)
        {
            check.Logger.Error("the block can't be repaired; it stays as it is", [("id", meta.Id), ("err", e)]);
        }
        finally
        {
            foreach (string made in (string[])[source, output])
                if (Directory.Exists(made)) Directory.Delete(made, recursive: true);
        }
    }

    private static async Task ReplaceAsync(BlockCheck check, BlockMeta meta, BlockMeta repaired, string output, CancellationToken cancellationToken)
    {
        check.Logger.Info("verifying repaired block", [("id", meta.Id), ("newID", repaired.Id)]);
        using (IndexReader index = IndexReader.Open(Path.Combine(output, BlockLayout.IndexFile)))
        {
            if (IndexKnownIssues.ProblemOf(index, meta, cancellationToken) is { } problem)
                throw new ComponentException($"the repaired block of {meta.Id} is not sound, nothing is changed: {problem}");
        }

        check.Logger.Info("uploading repaired block", [("newID", repaired.Id)]);
        await BlockUploader.UploadAsync(check.Bucket, output, repaired, new BlockUploadOptions(), check.Context.Time, cancellationToken);
        await check.Disposal!.RunAsync(meta.Id, $"source of repaired block {repaired.Id}", cancellationToken);
        check.Logger.Info("repaired block", [("id", meta.Id), ("newID", repaired.Id)]);
    }

    private static BlockMeta MetaOf(BlockMeta meta, BlockId newId, MergeResult result) => meta with
    {
        Id = newId,
        Stats = result.Stats,
        // It holds what the sources held, so it replaces the old one also for whoever sees both.
        Compaction = meta.Compaction with { Failed = false },
        Thanos = meta.Thanos with { Source = BlockSource.BucketRepair, IndexStats = result.IndexStats, SegmentFiles = [], Files = [], UploadTime = null },
    };

    private sealed class RepairLines(ILogger logger) : IRepairSink
    {
        public void Report(in ChunkRepair repair) => logger.Warn(
            "repaired", [("series", repair.Series.ToString()), ("kind", repair.Kind.ToString()), ("mint", repair.Chunk.MinTimeMs), ("maxt", repair.Chunk.MaxTimeMs), ("reason", repair.Reason)]);
    }
}
