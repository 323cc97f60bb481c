using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Blocks;

/// <summary>How blocks are found in a bucket.</summary>
public enum BlockDiscovery
{
    /// <summary>
    /// The root's directories; whether each has a meta.json shows when it is read, or by one look where it is known already, many at once.
    /// Sees no change of a meta.json.
    /// </summary>
    Concurrent,

    /// <summary>One listing of all objects: fewest requests, and knows markers and times of change.</summary>
    Recursive,
}

/// <summary>A directory that is named as a block.</summary>
/// <param name="HasMeta">Null when the discovery does not tell.</param>
/// <param name="MetaModified">When meta.json was stored; null when the discovery does not tell.</param>
/// <param name="Marks">The markers beside it; null when the discovery does not tell.</param>
public readonly record struct ListedBlock(BlockId Id, bool? HasMeta, DateTimeOffset? MetaModified, BlockMarks? Marks);

/// <summary>Finds the blocks of a bucket.</summary>
public static class BlockLister
{
    /// <returns>One entry a block, in no order.</returns>
    public static Task<IReadOnlyCollection<ListedBlock>> ListAsync(IBucket bucket, BlockDiscovery discovery, CancellationToken cancellationToken) =>
        discovery == BlockDiscovery.Recursive ? ListRecursivelyAsync(bucket, cancellationToken) : ListRootAsync(bucket, cancellationToken);

    private static async Task<IReadOnlyCollection<ListedBlock>> ListRootAsync(IBucket bucket, CancellationToken cancellationToken)
    {
        var found = new List<ListedBlock>();
        await foreach (BucketEntry entry in bucket.ListAsync("", recursive: false, cancellationToken))
            if (entry.IsDirectory && BlockLayout.TryBlockOf(entry.Key, out BlockId id)) found.Add(new ListedBlock(id, null, null, null));
        return found;
    }

    private static async Task<IReadOnlyCollection<ListedBlock>> ListRecursivelyAsync(IBucket bucket, CancellationToken cancellationToken)
    {
        var found = new Dictionary<BlockId, ListedBlock>();
        await foreach (BucketEntry entry in bucket.ListAsync("", recursive: true, cancellationToken))
        {
            if (!entry.Key.Contains('/', StringComparison.Ordinal) || !BlockLayout.TryBlockOf(entry.Key, out BlockId id)) continue;
            ListedBlock block = found.TryGetValue(id, out ListedBlock known) ? known : new ListedBlock(id, false, null, BlockMarks.None);
            found[id] = entry.Key[(entry.Key.IndexOf('/', StringComparison.Ordinal) + 1)..] switch
            {
                BlockLayout.MetaFile => block with { HasMeta = true, MetaModified = entry.Attributes?.LastModified },
                BlockLayout.DeletionMarkFile => block with { Marks = block.Marks | BlockMarks.Deletion },
                BlockLayout.NoCompactMarkFile => block with { Marks = block.Marks | BlockMarks.NoCompact },
                BlockLayout.NoDownsampleMarkFile => block with { Marks = block.Marks | BlockMarks.NoDownsample },
                _ => block,
            };
        }

        return found.Values;
    }
}
