using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary><c>tools bucket rewrite</c>: writes blocks anew without some of their data or with other labels.</summary>
internal static class RewriteCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket rewrite",
        "Rewrite chosen blocks: delete series or parts of them, relabel series. Changes nothing unless --no-dry-run is given. No compactor may work on these blocks meanwhile.",
        static flags => new RewriteFlags(flags), SetupAsync);

    private static async Task SetupAsync(
        RewriteFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        var (toDelete, toRelabel, deletions, relabels) = await handles.ConfigAsync(flags, context, cancellationToken);
        IReadOnlyList<BlockId> ids = BlockFetch.Ids(flags.Get(handles.Ids));
        var job = new RewriteJob(bucket, context)
        {
            Folder = flags.Get(handles.TmpDir),
            Deletions = deletions,
            Relabels = relabels,
            DeleteText = toDelete,
            RelabelText = toRelabel,
            IsDryRun = flags.Get(handles.DryRun),
            WritesChangeLog = flags.Get(handles.AddChangeLog),
            DeletesSources = flags.Get(handles.DeleteBlocks),
            NeedsLabels = !flags.Get(handles.PromBlocks),
            Sha256 = handles.HashFunc.IsSha256(flags),
        };
        group.Add("rewrite", async token =>
        {
            job.ClearFolder();
            foreach (BlockId id in ids) await job.RunAsync(id, token);
            context.Logger.Info("rewrite done", [("IDs", string.Join(',', ids))]);
        });
    }
}

/// <summary>Rewrites blocks one after the other in a working folder.</summary>
internal sealed class RewriteJob(IBucket bucket, ComponentContext context)
{
    private readonly ILogger _logger = context.Logger;

    public required string Folder { get; init; }

    public required IReadOnlyList<DeletionRequest> Deletions { get; init; }

    public required IReadOnlyList<RelabelConfig> Relabels { get; init; }

    /// <summary>The configurations as they were given, for the log.</summary>
    public required string DeleteText { get; init; }

    public required string RelabelText { get; init; }

    public bool IsDryRun { get; init; }

    public bool WritesChangeLog { get; init; }

    public bool DeletesSources { get; init; }

    /// <summary>False: a block without external labels may be uploaded.</summary>
    public bool NeedsLabels { get; init; }

    public bool Sha256 { get; init; }

    /// <summary>Removes what an earlier run left: folders named as blocks, nothing else.</summary>
    public void ClearFolder()
    {
        Directory.CreateDirectory(Folder);
        foreach (string old in Directory.EnumerateDirectories(Folder))
            if (BlockId.TryParse(Path.GetFileName(old), out _)) Directory.Delete(old, recursive: true);
    }

    public async Task RunAsync(BlockId id, CancellationToken cancellationToken)
    {
        _logger.Info("downloading block", [("source", id)]);
        string sourceFolder = Path.Combine(Folder, id.ToString());
        BlockMeta meta = await BlockDownload.RunAsync(bucket, id, sourceFolder, cancellationToken);
        if (NeedsLabels && meta.Thanos.Labels.IsEmpty)
            throw new ComponentException($"block {id} has no external labels; --prom-blocks rewrites it all the same");
        BlockId newId = BlockId.New(context.Time);
        string workFolder = Path.Combine(Folder, newId.ToString());
        Directory.CreateDirectory(workFolder);
        Tsdb.BlockStats? stats = await Task.Run(() => Rewrite(id, newId, sourceFolder, workFolder, cancellationToken), cancellationToken);
        if (stats is null) _logger.Info("dry run finished. Changes should be printed to stderr", [("BlockID", id)]);
        else await FinishAsync(meta, newId, Path.Combine(workFolder, "block"), stats, cancellationToken);
        Directory.Delete(sourceFolder, recursive: true);
    }

    private Tsdb.BlockStats? Rewrite(BlockId id, BlockId newId, string sourceFolder, string workFolder, CancellationToken cancellationToken)
    {
        using ChangeLog changes = new(OpenChangeLog(workFolder), IsDryRun ? line => _logger.Info(line) : null);
        _logger.Info(
            "starting rewrite for block",
            [("source", id), ("new", newId), ("toDelete", DeleteText), ("toRelabel", RelabelText)]);
        RewriteRules rules = new(Relabels.Count > 0 ? RelabelRules.Compile(Relabels) : null, Deletions);
        using BlockReader reader = BlockReader.Open(sourceFolder);
        BlockRewriter rewriter = new(reader, rules, changes, line => _logger.Info(line));
        return rewriter.Run(IsDryRun ? null : Path.Combine(workFolder, "block"), cancellationToken);
    }

    private StreamWriter? OpenChangeLog(string workFolder)
    {
        if (!WritesChangeLog) return null;
        string path = Path.Combine(workFolder, "change.log");
        _logger.Info("changelog will be available", [("file", path)]);
        return new StreamWriter(path);
    }

    private async Task FinishAsync(BlockMeta source, BlockId newId, string folder, Tsdb.BlockStats stats, CancellationToken cancellationToken)
    {
        if (stats.SeriesCount == 0)
        {
            // Upstream uploads a block without series, which nobody can read.
            _logger.Warn("nothing is left of the block; no new one is uploaded", [("source", source.Id)]);
        }
        else
        {
            _logger.Info("wrote new block after modifications; flushing", [("source", source.Id), ("new", newId)]);
            BlockMeta meta = MetaOf(source, newId, stats);
            _logger.Info("uploading new block", [("source", source.Id), ("new", newId)]);
            BlockUploadOptions options = new() { Sha256 = Sha256, AllowNoLabels = !NeedsLabels };
            await BlockUploader.UploadAsync(bucket, folder, meta, options, context.Time, cancellationToken);
            _logger.Info("uploaded", [("source", source.Id), ("new", newId)]);
            Directory.Delete(folder, recursive: true);
        }

        if (!DeletesSources) return;
        await new BlockMarker(bucket, context.Time, _logger).MarkForDeletionAsync(source.Id, "block rewritten", cancellationToken);
        _logger.Info("block has been marked for deletion", [("block", source.Id)]);
    }

    private BlockMeta MetaOf(BlockMeta source, BlockId newId, Tsdb.BlockStats stats) => source with
    {
        Id = newId,
        Stats = new Blocks.BlockStats
        {
            Samples = (ulong)stats.SampleCount,
            FloatSamples = (ulong)stats.FloatSampleCount,
            HistogramSamples = (ulong)stats.HistogramSampleCount,
            Series = (ulong)stats.SeriesCount,
            Chunks = (ulong)stats.ChunkCount,
        },
        // It replaces nobody: what it was made of stays a block of its own until it is deleted.
        Compaction = source.Compaction with { Sources = [newId] },
        Thanos = source.Thanos with
        {
            Source = BlockSource.BucketRewrite,
            Rewrites = RewriteHistory.With(source.Thanos.Rewrites, source.Id, Deletions, Relabels),
            IndexStats = default,
        },
    };
}
