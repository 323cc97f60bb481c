using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Compactor;

/// <summary>What came of one merge.</summary>
/// <param name="Result">The new block; null when the sources held no sample.</param>
/// <param name="Gone">Sources that are marked for deletion now.</param>
/// <param name="Directory">Local copy of the result; the caller's to remove.</param>
internal sealed record CompactionOutcome(BlockMeta? Result, IReadOnlyList<BlockMeta> Gone, string? Directory, RepairCounts Repairs);

/// <param name="Lost">Chunks and series that are only in the quarantine now.</param>
internal readonly record struct RepairCounts(long All, long Lost);

/// <summary>
/// Carries out one plan: download, merge, verify, upload, mark, in this order, so that at every moment the bucket holds each sample in a
/// complete block and no reader sees it in two that do not know of each other.
/// </summary>
internal sealed class CompactionJob(JobServices services)
{
    private const string SourceDetails = "source of compacted block";

    /// <param name="known">Every block the plan was made with.</param>
    /// <param name="seen">Metas of these and of others in the bucket.</param>
    /// <exception cref="SourceDamagedException">A source can't take part.</exception>
    /// <exception cref="OutOfOrderBlockException">A source is to be left alone.</exception>
    public async Task<CompactionOutcome> RunAsync(
        CompactionPlan plan, IReadOnlySet<BlockId> known, IReadOnlyDictionary<BlockId, BlockMeta> seen, JobProgress progress, ILogger logger, CancellationToken cancellationToken)
    {
        string folder = services.Folder.OfGroup(plan.Group.Key);
        // What an earlier attempt left on the disk needs no room again.
        long toFetch = Math.Max(0, plan.InputBytes - plan.Blocks.Sum(b => WorkFolder.SizeOf(Path.Combine(folder, b.Id.ToString()))));
        using DiskBudget.Reservation room = services.Disk.Reserve(toFetch + plan.InputBytes);
        using var repairs = new RepairLog(Path.Combine(folder, "repairs.jsonl"), services.Options, logger);
        BlockId id = BlockId.New(services.Time);
        string output = Path.Combine(folder, id.ToString());
        using var segments = new SegmentUploads(services.Bucket, id, logger);
        try
        {
            IReadOnlyList<LocalBlock> sources = await DownloadAsync(plan, folder, progress, cancellationToken);
            room.Wrote(toFetch);
            progress.Enter(JobStage.Merging, output);
            MergeResult result;
            (sources, result) = await MergeAsync(plan, sources, folder, output, repairs, segments, progress, cancellationToken);
            room.Wrote(plan.InputBytes);
            CompactionOutcome outcome = result.IsEmpty
                ? await RetireEmptyAsync(plan, result, repairs, logger, cancellationToken)
                : await ReplaceAsync(plan, id, sources, result, output, segments, repairs, known, seen, progress, logger, cancellationToken);
            foreach (LocalBlock source in sources) WorkFolder.Remove(source.Directory);
            return outcome;
        }
        catch
        {
            // The downloads stay for the next attempt; a result that is not uploaded is of no use.
            WorkFolder.Remove(output);
            await segments.AbandonAsync(cancellationToken);
            throw;
        }
    }

    private async Task<IReadOnlyList<LocalBlock>> DownloadAsync(
        CompactionPlan plan, string folder, JobProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter(JobStage.Downloading, null);
        var blocks = new LocalBlock[plan.Blocks.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = services.Options.BlockFetchConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, blocks.Length, parallel, async (i, token) =>
            blocks[i] = await services.Downloader.DownloadAsync(plan.Blocks[i], folder, progress.Advance, token));
        return blocks;
    }

    /// <summary>Damage that was found in a copy from an earlier attempt is looked for in a fresh one before anyone believes it.</summary>
    private async Task<(IReadOnlyList<LocalBlock>, MergeResult)> MergeAsync(
        CompactionPlan plan, IReadOnlyList<LocalBlock> sources, string folder, string output, RepairLog repairs, SegmentUploads segments,
        JobProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            MergeResult result = await MergeOnceAsync(sources, output, repairs, segments, cancellationToken);
            if (repairs.LossCount == 0 || !sources.Any(s => s.WasReused)) return (sources, result);
        }
        catch (SourceDamagedException e) when (sources.Any(s => s.WasReused && s.Meta.Id == e.Block))
        {
            // Seen again below if it is so.
        }

        WorkFolder.Remove(output);
        repairs.Reset();
        foreach (LocalBlock source in sources) WorkFolder.Remove(source.Directory);
        IReadOnlyList<LocalBlock> fresh = await DownloadAsync(plan, folder, progress, cancellationToken);
        progress.Enter(JobStage.Merging, output);
        return (fresh, await MergeOnceAsync(fresh, output, repairs, segments, cancellationToken));
    }

    private Task<MergeResult> MergeOnceAsync(
        IReadOnlyList<LocalBlock> sources, string output, RepairLog repairs, SegmentUploads segments, CancellationToken cancellationToken) =>
        services.Work.MergeAsync(sources, output, services.Options.Merge with { SegmentFinished = segments.Add }, repairs, cancellationToken);

    private async Task<CompactionOutcome> ReplaceAsync(
        CompactionPlan plan, BlockId id, IReadOnlyList<LocalBlock> sources, MergeResult result, string output, SegmentUploads segments, RepairLog repairs,
        IReadOnlySet<BlockId> known, IReadOnlyDictionary<BlockId, BlockMeta> seen, JobProgress progress, ILogger logger, CancellationToken cancellationToken)
    {
        progress.Enter(JobStage.Verifying, null);
        BlockMeta meta = CompactedMeta.Merged(id, plan.Blocks, result);
        meta = meta with { Compaction = meta.Compaction with { Sources = plan.Sources } };
        string? wrong = await services.Work.VerifyAsync(sources, output, meta, services.Options.Merge, repairs.Known, cancellationToken);
        if (wrong is not null) throw new JobException(JobFailure.Verification, $"the new block is not used, its sources stay: {wrong}");
        if (await services.Conflicts.FindAsync(plan, known, seen, cancellationToken) is { } conflict)
            throw new JobException(JobFailure.Conflict, $"the new block is not used: {conflict}: does another compactor work on this bucket?");

        progress.Enter(JobStage.Uploading, null);
        BlockMetaFile.Write(output, meta);
        long started = services.Time.GetTimestamp();
        await services.Quarantine.StoreAsync(id, repairs, cancellationToken);
        IReadOnlySet<string> present = await segments.CompleteAsync(BlockUploader.SegmentFiles(output), cancellationToken);
        BlockMeta uploaded = await BlockUploader.UploadAsync(services.Bucket, output, meta, services.Upload, services.Time, cancellationToken, present);
        logger.Info("uploaded block", [("result_block", id), ("duration", services.Time.GetElapsedTime(started))]);
        progress.Enter(JobStage.Marking, null);
        foreach (BlockMeta source in plan.Blocks) await MarkAsync(source.Id, SourceDetails, logger, cancellationToken);
        foreach (var (kind, count) in repairs.Counts) services.Metrics.Repairs.WithLabels(kind.ToString()).Inc(count);
        return new CompactionOutcome(uploaded, plan.Blocks, output, new RepairCounts(repairs.Count, repairs.LossCount));
    }

    /// <summary>
    /// Sources of which nothing is left need no successor: all samples that their metas count were read, and are deleted by their tombstones.
    /// Where that is not so, one of them is set aside, so that the group does not meet the same again.
    /// </summary>
    /// <exception cref="SourceDamagedException">Samples are missing that nobody deleted.</exception>
    private async Task<CompactionOutcome> RetireEmptyAsync(
        CompactionPlan plan, MergeResult result, RepairLog repairs, ILogger logger, CancellationToken cancellationToken)
    {
        string names = string.Join(", ", plan.Blocks.Select(b => b.Id));
        if (repairs.FirstDamaged is { } damaged)
            throw new SourceDamagedException(damaged, $"merging {names} gives no sample, with {repairs.LossCount} damaged chunks left out");
        var promised = (long)plan.Blocks.Sum(b => (decimal)b.Stats.Samples);
        if (promised > result.SourceSamples)
        {
            throw new SourceDamagedException(
                plan.Blocks.First(b => b.Stats.Samples > 0).Id,
                $"merging {names} gives no sample: their metas count {promised}, their indexes lead to {result.SourceSamples}");
        }

        logger.Info("nothing is left of the blocks: every sample is deleted", [("blocks", names), ("samples", result.SourceSamples)]);
        foreach (BlockMeta block in plan.Blocks) await MarkAsync(block.Id, SourceDetails, logger, cancellationToken);
        return new CompactionOutcome(null, plan.Blocks, null, default);
    }

    private async Task MarkAsync(BlockId block, string details, ILogger logger, CancellationToken cancellationToken)
    {
        logger.Info("marking compacted block for deletion", [("old_block", block)]);
        if (await services.Marker.MarkForDeletionAsync(block, details, cancellationToken) == MarkOutcome.AlreadyMarked)
        {
            logger.Warn("requested to mark for deletion, but file already exists; this should not happen; investigate", [("block", block)]);
            return;
        }

        services.Metrics.BlocksMarked.WithLabels(BlockLayout.DeletionMarkFile, "").Inc();
        logger.Info("block has been marked for deletion", [("block", block)]);
    }
}
