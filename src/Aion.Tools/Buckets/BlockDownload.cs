using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary>Brings a block from the bucket into a folder.</summary>
internal static class BlockDownload
{
    /// <summary>Fetches meta.json, index, chunks, and tombstones where there are any: what they delete must not come back.</summary>
    /// <param name="directory">The block's own folder; made anew.</param>
    /// <returns>The block's meta.</returns>
    /// <exception cref="ComponentException">The bucket has no such block.</exception>
    /// <exception cref="BlockMetaException">Its meta.json can't be read.</exception>
    /// <exception cref="BucketException">The bucket failed.</exception>
    public static async Task<BlockMeta> RunAsync(IBucket bucket, BlockId id, string directory, CancellationToken cancellationToken)
    {
        byte[] content = await bucket.TryReadAllAsync(BlockLayout.MetaKey(id), BlockMetaReader.MaxBytes, cancellationToken)
            ?? throw new ComponentException($"block {id} is not in bucket {bucket.Name}, or has no meta.json");
        BlockMeta meta = BlockMetaReader.Parse(content, $"{BlockLayout.MetaKey(id)} in bucket {bucket.Name}");
        string chunks = Path.Combine(directory, BlockLayout.ChunksDirectory);
        Directory.CreateDirectory(chunks);
        string tombstones = BlockLayout.Key(id, "tombstones");
        if (await bucket.ExistsAsync(tombstones, cancellationToken)) await FetchAsync(bucket, tombstones, Path.Combine(directory, "tombstones"), cancellationToken);
        await FetchAsync(bucket, BlockLayout.IndexKey(id), Path.Combine(directory, BlockLayout.IndexFile), cancellationToken);
        await foreach (BucketEntry entry in bucket.ListAsync($"{id}/{BlockLayout.ChunksDirectory}", recursive: true, cancellationToken))
        {
            // Names are from outside and become paths here.
            string name = entry.Key[(entry.Key.LastIndexOf('/') + 1)..];
            if (name.Length > 0 && name.All(char.IsAsciiDigit)) await FetchAsync(bucket, entry.Key, Path.Combine(chunks, name), cancellationToken);
        }

        return meta;
    }

    public static async Task FetchAsync(IBucket bucket, string key, string path, CancellationToken cancellationToken)
    {
        await using Stream source = await bucket.GetAsync(key, cancellationToken);
        await using FileStream target = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        await source.CopyToAsync(target, cancellationToken);
    }
}
