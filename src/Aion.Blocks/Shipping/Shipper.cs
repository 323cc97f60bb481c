using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

public sealed record ShipperOptions
{
    /// <summary>The TSDB's folder.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Who makes the blocks; see <see cref="BlockSource"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the state file inside the folder.</summary>
    public string StateFileName { get; init; } = ShipperState.DefaultFileName;

    /// <summary>Ships blocks of compaction level 2 and above too.</summary>
    public bool UploadCompacted { get; init; }

    /// <summary>After a block that failed, goes on with the next instead of keeping the order.</summary>
    public bool AllowOutOfOrderUploads { get; init; }

    /// <summary>Goes on without the blocks that can't be read.</summary>
    public bool SkipCorruptedBlocks { get; init; }

    public BlockUploadOptions Upload { get; init; } = new();
}

/// <summary>
/// Ships the finished blocks of a local TSDB to a bucket, oldest first, each once. Blocks are hard-linked aside first, so that the TSDB
/// may delete them meanwhile. Whatever stops it, the next sync carries on: a block counts as shipped when its meta.json is in the bucket.
/// </summary>
public sealed class Shipper(IBucket bucket, ShipperOptions options, Func<Labels> labels, ShipperMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly string UploadFolder = Path.Combine("thanos", "upload");

    private readonly string _statePath = Path.Combine(options.DataDirectory, options.StateFileName);

    /// <summary>Looks for blocks and ships those that are not in the bucket. One sync at a time.</summary>
    /// <returns>How many were uploaded.</returns>
    /// <exception cref="ShipperException">At least one block could not be shipped; the rest is as the options say.</exception>
    public async Task<int> SyncAsync(CancellationToken cancellationToken)
    {
        metrics.Syncs.Inc();
        var run = new Run();
        try
        {
            await SyncAsync(run, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            metrics.SyncFailures.Inc();
            metrics.UploadCompactedDone.Set(0);
            throw e as ShipperException ?? new ShipperException(e.Message, e);
        }

        metrics.UploadCompactedDone.Set(options.UploadCompacted ? 1 : 0);
        return run.UploadCount;
    }

    private async Task SyncAsync(Run run, CancellationToken cancellationToken)
    {
        RemoveUploadFolder();
        ShipperState state = ShipperState.Read(_statePath, out string? reason);
        if (reason is null && !File.Exists(_statePath)) logger.LogInformation("no meta file found, creating empty meta data to write later");
        if (reason is not null) logger.LogWarning("the shipper's state can't be used and is rebuilt from the bucket: {Reason}", reason);
        LocalBlocks.Found found = Scan();
        foreach (var (id, why) in found.Corrupt)
        {
            metrics.CorruptedBlocks.Inc();
            run.Fail($"block {id} is corrupted: {why}");
            logger.LogError("block {Block} is corrupted: {Reason}", id, why);
        }

        if (found.Corrupt.Count > 0 && !options.SkipCorruptedBlocks)
            throw new ShipperException(run.Failures[0] + " (--shipper.skip-corrupted-blocks goes on without it)");

        run.Known = state.Uploaded.ToHashSet();
        run.Overlaps = new OverlapCheck(bucket, labels());
        try
        {
            foreach (BlockMeta block in found.Blocks) await ShipAsync(block, run, cancellationToken);
        }
        finally
        {
            WriteState(reason is null ? state : null, run, found.Blocks);
        }

        if (run.Failures.Count > 0) throw new ShipperException($"{run.Failures.Count} blocks were not shipped: {string.Join("; ", run.Failures)}");
    }

    private async Task ShipAsync(BlockMeta block, Run run, CancellationToken cancellationToken)
    {
        if (run.Known.Contains(block.Id))
        {
            run.Uploaded.Add(block.Id);
            return;
        }

        if (block.Stats.Samples == 0) return;
        bool compacted = block.Compaction.Level > 1;
        if (compacted && !options.UploadCompacted) return;
        try
        {
            if (!await bucket.ExistsAsync(BlockLayout.MetaKey(block.Id), cancellationToken))
            {
                if (compacted && !options.AllowOutOfOrderUploads) await RefuseOverlapAsync(block, run, cancellationToken);
                await UploadAsync(block, run, cancellationToken);
            }

            run.Uploaded.Add(block.Id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            if (!Directory.Exists(Path.Combine(options.DataDirectory, block.Id.ToString())))
            {
                logger.LogWarning("block {Block} was deleted before it was shipped: {Reason}", block.Id, e.Message);
                return;
            }

            metrics.UploadFailures.Inc();
            string failure = $"block {block.Id}: {e.Message}";
            if (!options.AllowOutOfOrderUploads) throw new ShipperException(failure, e);
            logger.LogError("{Failure}", failure);
            run.Fail(failure);
        }
    }

    private static async Task RefuseOverlapAsync(BlockMeta block, Run run, CancellationToken cancellationToken)
    {
        BlockMeta? other = await run.Overlaps!.FindAsync(block, cancellationToken);
        if (other is null) return;
        throw new ShipperException(
            $"block {block.Id} is compacted and overlaps block {other.Id} in the bucket ([{block.MinTimeMs}, {block.MaxTimeMs}) and "
            + $"[{other.MinTimeMs}, {other.MaxTimeMs}) of the same external labels): it is not shipped, and nothing after it "
            + "(--shipper.allow-out-of-order-uploads ships it all the same)");
    }

    private async Task UploadAsync(BlockMeta block, Run run, CancellationToken cancellationToken)
    {
        string source = Path.Combine(options.DataDirectory, block.Id.ToString());
        string aside = Path.Combine(options.DataDirectory, UploadFolder, block.Id.ToString());
        try
        {
            HardLink(source, aside);
            BlockMeta meta = BlockMetaFile.Read(aside);
            meta = meta with { Thanos = meta.Thanos with { Version = 1, Labels = Merge(meta.Thanos.Labels, labels()), Source = options.Source } };
            logger.LogInformation("upload new block {Id}", block.Id);
            BlockMeta uploaded = await BlockUploader.UploadAsync(bucket, aside, meta, options.Upload, time, cancellationToken);
            run.Overlaps!.Add(uploaded);
        }
        finally
        {
            RemoveUploadFolder();
        }

        metrics.Uploads.Inc();
        run.UploadCount++;
    }

    private static void HardLink(string source, string target)
    {
        Directory.CreateDirectory(Path.Combine(target, BlockLayout.ChunksDirectory));
        foreach (string segment in BlockUploader.SegmentFiles(source))
            DurableFile.HardLink(Path.Combine(source, BlockLayout.ChunksDirectory, segment), Path.Combine(target, BlockLayout.ChunksDirectory, segment));
        foreach (string file in (ReadOnlySpan<string>)[BlockLayout.IndexFile, BlockLayout.MetaFile])
            DurableFile.HardLink(Path.Combine(source, file), Path.Combine(target, file));
    }

    // External labels win over what an earlier shipper may have left in the block.
    private static Labels Merge(Labels own, Labels external)
    {
        var builder = new LabelsBuilder(own);
        foreach (LabelPair label in external) builder.Set(label.Name, label.Value);
        return builder.ToLabels();
    }

    private LocalBlocks.Found Scan()
    {
        try
        {
            return LocalBlocks.Scan(options.DataDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ShipperException($"opening tsdb directory: {e.Message}", e);
        }
    }

    private void RemoveUploadFolder()
    {
        string folder = Path.Combine(options.DataDirectory, UploadFolder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private void WriteState(ShipperState? before, Run run, IReadOnlyList<BlockMeta> local)
    {
        // A sync that stopped early has not looked at the rest: what was known of it still holds.
        var uploaded = local.Select(b => b.Id).Where(id => run.Uploaded.Contains(id) || run.Known.Contains(id)).ToList();
        if (before is not null && File.Exists(_statePath) && before.Uploaded.SequenceEqual(uploaded)) return;
        new ShipperState(uploaded).Write(_statePath);
    }

    private sealed class Run
    {
        public HashSet<BlockId> Known { get; set; } = [];

        public HashSet<BlockId> Uploaded { get; } = [];

        public List<string> Failures { get; } = [];

        public OverlapCheck? Overlaps { get; set; }

        public int UploadCount { get; set; }

        public void Fail(string failure) => Failures.Add(failure);
    }
}

/// <summary>A sync did not ship everything; the next one tries again.</summary>
public sealed class ShipperException(string message, Exception? inner = null) : Exception(message, inner);
