using Aion.Blocks;
using Aion.Compactor;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.Tools;

/// <summary>Troubles that an index can have: damage, chunks out of order, twice, or outside of the block's time.</summary>
internal sealed class IndexKnownIssues : IBlockIssue
{
    public const string Name = "index_known_issues";

    public string Id => Name;

    public bool IsRepairable => true;

    public async Task CheckAsync(BlockCheck check, CancellationToken cancellationToken)
    {
        bool repairs = check.Disposal is not null;
        check.Logger.Info("started verifying issue", [("with-repair", repairs)]);
        List<BlockMeta> metas = [.. (await check.MetasAsync(cancellationToken)).Values.Where(m => check.Ids.Count == 0 || check.Ids.Contains(m.Id)).OrderBy(m => m.Id)];
        foreach (BlockId missing in check.Ids.Except(metas.Select(m => m.Id)))
            throw new ComponentException($"block {missing} is not in bucket {check.Bucket.Name}, or has no usable meta.json");
        string folder = Directory.CreateTempSubdirectory("aion-verify-").FullName;
        try
        {
            using Progress progress = new("verifying indexes", metas.Count, check.Context);
            foreach (BlockMeta meta in metas)
            {
                if (await ProblemAsync(check.Bucket, meta, folder, cancellationToken) is { } problem)
                {
                    check.Logger.Warn("detected issue", [("id", meta.Id), ("err", problem)]);
                    if (repairs) await BlockRepair.RunAsync(check, meta, folder, cancellationToken);
                }

                progress.Advance();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        check.Logger.Info("verified issue", [("with-repair", repairs)]);
    }

    /// <summary>What is wrong with the block's index; null when nothing is.</summary>
    internal static async Task<string?> ProblemAsync(IBucket bucket, BlockMeta meta, string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, $"{meta.Id}-index");
        try
        {
            await BlockDownload.FetchAsync(bucket, BlockLayout.IndexKey(meta.Id), path, cancellationToken);
            return await Task.Run(() => ProblemOf(path, meta, cancellationToken), cancellationToken) is { } problem ? $"{meta.Id}: {problem}" : null;
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            return $"download index file {BlockLayout.IndexKey(meta.Id)}: {e.Message}";
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What a walk over the index finds wrong; null when nothing is.</summary>
    /// <exception cref="TsdbCorruptionException">It can't be read to its end.</exception>
    internal static string? ProblemOf(IndexReader index, BlockMeta meta, CancellationToken cancellationToken)
    {
        IndexHealth health = IndexHealth.Gather(index, meta.MinTimeMs, meta.MaxTimeMs, cancellationToken);
        return health.AnyError ?? (health.DuplicatedChunks > 0 ? $"{health.DuplicatedChunks} chunks are there twice" : null);
    }

    private static string? ProblemOf(string path, BlockMeta meta, CancellationToken cancellationToken)
    {
        try
        {
            using IndexReader index = IndexReader.Open(path);
            return ProblemOf(index, meta, cancellationToken);
        }
        catch (TsdbCorruptionException e)
        {
            return $"gather index issues: {e.Message}";
        }
    }
}
