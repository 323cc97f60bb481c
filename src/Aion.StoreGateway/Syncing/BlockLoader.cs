using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;
using Microsoft.Extensions.Logging;

namespace Aion.StoreGateway;

/// <summary>Opens a block: its index-header from the local disk, or built anew from the bucket.</summary>
/// <param name="directory">Holds a folder a block; null keeps headers in memory.</param>
internal sealed class BlockLoader(IBucket bucket, string? directory, int sampling, ILogger logger)
{
    public async Task<BucketBlock> LoadAsync(BlockMeta meta, CancellationToken cancellationToken) =>
        new(bucket, meta, await OpenHeaderAsync(meta, cancellationToken));

    /// <summary>Removes what is kept locally of a block that is gone.</summary>
    public void Forget(BlockId id)
    {
        if (directory is not null && Directory.Exists(FolderOf(id))) Directory.Delete(FolderOf(id), recursive: true);
    }

    /// <summary>Removes the local folders of blocks that are not in the bucket any more.</summary>
    public void Clean(IReadOnlySet<BlockId> known)
    {
        if (directory is null || !Directory.Exists(directory)) return;
        foreach (string folder in Directory.GetDirectories(directory))
            if (BlockId.TryParse(Path.GetFileName(folder), out BlockId id) && !known.Contains(id)) Forget(id);
    }

    private string FolderOf(BlockId id) => Path.Combine(directory!, id.ToString());

    private async Task<IndexHeaderReader> OpenHeaderAsync(BlockMeta meta, CancellationToken cancellationToken)
    {
        if (directory is null) return IndexHeaderReader.Of(await IndexHeaderFile.BuildAsync(bucket, meta.Id, cancellationToken), sampling);
        string path = Path.Combine(FolderOf(meta.Id), IndexHeaderFile.FileName);
        if (File.Exists(path))
        {
            try
            {
                return IndexHeaderReader.Open(path, sampling);
            }
            catch (TsdbCorruptionException e)
            {
                logger.LogWarning("an index-header on disk is damaged and is built again: {Reason}", e.Message);
            }
        }

        byte[] content = await IndexHeaderFile.BuildAsync(bucket, meta.Id, cancellationToken);
        Directory.CreateDirectory(FolderOf(meta.Id));
        DurableFile.WriteAllBytes(path, content);
        return IndexHeaderReader.Open(path, sampling);
    }
}
