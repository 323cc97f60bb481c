using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>Carries out one downsampling: download, downsample, verify, upload. The source stays.</summary>
internal sealed class DownsampleJob(JobServices services)
{
    private const string NothingReason = "nothing-to-downsample";

    /// <returns>Null when the block has nothing to downsample; it is marked so and not tried again.</returns>
    /// <exception cref="SourceDamagedException">The source can't be read.</exception>
    public async Task<(BlockMeta? Result, RepairCounts Repairs)> RunAsync(DownsamplePlan plan, JobProgress progress, ILogger logger, CancellationToken cancellationToken)
    {
        string folder = services.Folder.OfDownsampling(plan.Block.Id);
        long toFetch = Math.Max(0, plan.Block.TotalBytes() - WorkFolder.SizeOf(Path.Combine(folder, plan.Block.Id.ToString())));
        using DiskBudget.Reservation room = services.Disk.Reserve(toFetch + plan.Block.TotalBytes());
        // To leave blocks alone whose chunks are out of order is asked of compaction; here their samples are sorted.
        using var repairs = new RepairLog(Path.Combine(folder, "repairs.jsonl"), services.Options with { SkipsOutOfOrderBlocks = false }, logger);
        BlockId id = BlockId.New(services.Time);
        string output = Path.Combine(folder, id.ToString());
        using var segments = new SegmentUploads(services.Bucket, id, logger);
        try
        {
            LocalBlock source = await DownloadAsync(plan.Block, folder, progress, cancellationToken);
            room.Wrote(toFetch);
            logger.Info("downloaded block", [("id", plan.Block.Id)]);
            MergeResult result;
            (source, result) = await DownsampleAsync(plan, source, folder, output, repairs, segments, progress, cancellationToken);
            room.Wrote(plan.Block.TotalBytes());
            BlockMeta? uploaded = result.IsEmpty
                ? await MarkEmptyAsync(plan.Block.Id, cancellationToken)
                : await UploadAsync(source, CompactedMeta.Downsampled(id, plan.Block, plan.ToResolutionMs, result), output, segments, repairs, progress, logger, cancellationToken);
            foreach (var (kind, count) in repairs.Counts) services.Metrics.Repairs.WithLabels(kind.ToString()).Inc(count);
            var counts = new RepairCounts(repairs.Count, repairs.LossCount);
            repairs.Dispose();
            WorkFolder.Remove(folder);
            return (uploaded, counts);
        }
        catch
        {
            WorkFolder.Remove(output);
            await segments.AbandonAsync(cancellationToken);
            throw;
        }
    }

    private async Task<LocalBlock> DownloadAsync(BlockMeta block, string folder, JobProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter(JobStage.Downloading, null);
        return await services.Downloader.DownloadAsync(block, folder, progress.Advance, cancellationToken);
    }

    private async Task<(LocalBlock, MergeResult)> DownsampleAsync(
        DownsamplePlan plan, LocalBlock source, string folder, string output, RepairLog repairs, SegmentUploads segments, JobProgress progress,
        CancellationToken cancellationToken)
    {
        try
        {
            MergeResult result = await DownsampleOnceAsync(plan, source, output, repairs, segments, progress, cancellationToken);
            if (repairs.LossCount == 0 || !source.WasReused) return (source, result);
        }
        catch (SourceDamagedException) when (source.WasReused)
        {
            // Seen again in a fresh copy if it is so.
        }

        WorkFolder.Remove(output);
        repairs.Reset();
        WorkFolder.Remove(source.Directory);
        LocalBlock fresh = await DownloadAsync(plan.Block, folder, progress, cancellationToken);
        return (fresh, await DownsampleOnceAsync(plan, fresh, output, repairs, segments, progress, cancellationToken));
    }

    private Task<MergeResult> DownsampleOnceAsync(
        DownsamplePlan plan, LocalBlock source, string output, RepairLog repairs, SegmentUploads segments, JobProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter(JobStage.Downsampling, output);
        return services.Work.DownsampleAsync(source, output, plan.ToResolutionMs, services.Options.Merge with { SegmentFinished = segments.Add }, repairs, cancellationToken);
    }

    private async Task<BlockMeta> UploadAsync(
        LocalBlock source, BlockMeta meta, string output, SegmentUploads segments, RepairLog repairs, JobProgress progress, ILogger logger,
        CancellationToken cancellationToken)
    {
        progress.Enter(JobStage.Verifying, null);
        if (await services.Work.VerifyAsync([source], output, meta, services.Options.Merge, repairs.Known, cancellationToken) is { } wrong)
            throw new JobException(JobFailure.Verification, $"the new block is not used: {wrong}");
        progress.Enter(JobStage.Uploading, null);
        long started = services.Time.GetTimestamp();
        BlockMetaFile.Write(output, meta);
        await services.Quarantine.StoreAsync(meta.Id, repairs, cancellationToken);
        IReadOnlySet<string> present = await segments.CompleteAsync(BlockUploader.SegmentFiles(output), cancellationToken);
        BlockMeta uploaded = await BlockUploader.UploadAsync(services.Bucket, output, meta, services.Upload, services.Time, cancellationToken, present);
        logger.Info("uploaded block", [("id", meta.Id), ("duration", services.Time.GetElapsedTime(started))]);
        return uploaded;
    }

    private async Task<BlockMeta?> MarkEmptyAsync(BlockId block, CancellationToken cancellationToken)
    {
        await services.Marker.MarkNoDownsampleAsync(block, NothingReason, "the block holds no sample that can be downsampled", cancellationToken);
        services.Metrics.BlocksMarked.WithLabels(BlockLayout.NoDownsampleMarkFile, NothingReason).Inc();
        return null;
    }
}
