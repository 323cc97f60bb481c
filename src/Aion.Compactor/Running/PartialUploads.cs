using System.Collections.Concurrent;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Compactor;

/// <summary>Looks closer at blocks without a usable meta.json.</summary>
public static class PartialUploads
{
    private const int Concurrency = 32;

    /// <exception cref="BucketException">The bucket could not be listed, or a mark not be read.</exception>
    public static async Task<IReadOnlyDictionary<BlockId, PartialUpload>> ReadAsync(
        IBucket bucket, IReadOnlyDictionary<BlockId, PartialBlock> partials, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<BlockId, PartialUpload>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(partials, parallel, async (partial, token) => found[partial.Key] = await ReadAsync(bucket, partial.Key, partial.Value, token));
        return found;
    }

    private static async Task<PartialUpload> ReadAsync(IBucket bucket, BlockId id, PartialBlock kind, CancellationToken cancellationToken)
    {
        DateTimeOffset? youngest = null;
        await foreach (BucketEntry entry in bucket.ListAsync(id.ToString(), recursive: true, cancellationToken))
            if (entry.Attributes is { } attributes && (youngest is null || attributes.LastModified > youngest)) youngest = attributes.LastModified;
        var (mark, strange) = await ReadMarkAsync(bucket, id, cancellationToken);
        return new PartialUpload(youngest, mark) { HasCorruptMeta = kind == PartialBlock.CorruptMeta, StrangeMark = strange };
    }

    private static async Task<(DeletionMark? Mark, string Strange)> ReadMarkAsync(IBucket bucket, BlockId id, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, BlockLayout.DeletionMarkFile);
        byte[]? content = await bucket.TryReadAllAsync(key, BlockMarkJson.MaxBytes, cancellationToken);
        if (content is null) return (null, "");
        try
        {
            DeletionMark mark = BlockMarkJson.ParseDeletion(content, key);
            return mark.Id == id ? (mark, "") : (null, "");
        }
        catch (BlockMetaException e) when (e.Error == BlockMetaError.Corrupt)
        {
            // Without a sound mark it is a partial upload like any other.
            return (null, "");
        }
        catch (BlockMetaException e)
        {
            // A program newer than this one knows more of the block.
            return (null, e.Message);
        }
    }
}
