using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary>
/// Copies blocks between buckets: chunks and index first, <c>meta.json</c> last, each object streamed. What an earlier run left
/// half-way is finished; what is there already is not sent again.
/// </summary>
internal sealed class BlockReplicator(IBucket from, IBucket to, ReplicationMetrics metrics, ILogger logger)
{
    private const int ConcurrentObjects = 4;

    /// <exception cref="BucketException">One of the buckets failed; the blocks before are copied.</exception>
    public async Task RunAsync(IReadOnlyList<BlockMeta> blocks, ComponentContext context, CancellationToken cancellationToken)
    {
        logger.Info("start block replication", [("blocks", blocks.Count)]);
        using var progress = new Progress("replicating blocks", blocks.Count, context);
        foreach (BlockMeta meta in blocks)
        {
            if (await EnsureAsync(meta.Id, cancellationToken)) logger.Info("replicated block", [("block", meta.Id)]);
            progress.Advance();
        }
    }

    /// <summary>Copies a block that is not in the target yet.</summary>
    /// <returns>False when it was there already, or is gone from the source.</returns>
    /// <exception cref="BucketException">One of the buckets failed; without its meta.json what was copied is no block.</exception>
    public async Task<bool> EnsureAsync(BlockId id, CancellationToken cancellationToken)
    {
        string metaKey = BlockLayout.MetaKey(id);
        try
        {
            byte[]? meta = await from.TryReadAllAsync(metaKey, BlockMetaReader.MaxBytes, cancellationToken);
            if (meta is null)
            {
                logger.Warn("block has gone from the source bucket since it was listed; skipping", [("block", id)]);
                return false;
            }

            byte[]? there = await to.TryReadAllAsync(metaKey, BlockMetaReader.MaxBytes, cancellationToken);
            if (there is not null && meta.AsSpan().SequenceEqual(there))
            {
                metrics.AlreadyReplicated.Inc();
                logger.Debug("skipping block as already replicated", [("block", id)]);
                return false;
            }

            await CopyFilesAsync(id, cancellationToken);
            await to.UploadAsync(metaKey, meta, cancellationToken);
        }
        catch (BucketException e) when (e.Kind == BucketErrorKind.NotFound)
        {
            if (await from.ExistsAsync(metaKey, cancellationToken)) throw;
            // Deleted while it was copied. Without its meta.json the copy is no block; the target's cleanup removes it.
            logger.Warn("block was deleted from the source bucket while it was replicated; skipping", [("block", id), ("err", e)]);
            return false;
        }

        metrics.Objects.Inc();
        metrics.Blocks.Inc();
        return true;
    }

    private async Task CopyFilesAsync(BlockId id, CancellationToken cancellationToken)
    {
        var objects = new List<(string Key, long Size)>();
        await foreach (BucketEntry entry in from.ListAsync($"{id}/{BlockLayout.ChunksDirectory}", recursive: true, cancellationToken))
            if (entry.Attributes is { } attributes) objects.Add((entry.Key, attributes.SizeBytes));
        string index = BlockLayout.IndexKey(id);
        objects.Add((index, (await from.AttributesAsync(index, cancellationToken)).SizeBytes));

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ConcurrentObjects, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(objects, parallel, async (item, token) => await CopyAsync(item.Key, item.Size, token));
    }

    private async Task CopyAsync(string key, long size, CancellationToken cancellationToken)
    {
        if (await to.ExistsAsync(key, cancellationToken) && (await to.AttributesAsync(key, cancellationToken)).SizeBytes == size)
        {
            logger.Debug("skipping object as already replicated", [("object", key)]);
            return;
        }

        await using Stream content = await from.GetAsync(key, cancellationToken);
        await to.UploadAsync(key, content, cancellationToken);
        long copied = (await to.AttributesAsync(key, cancellationToken)).SizeBytes;
        if (copied != size)
            throw new BucketException(BucketErrorKind.Transient, $"object {key}: {copied} bytes arrived in bucket {to.Name}, bucket {from.Name} holds {size}");
        metrics.Objects.Inc();
        logger.Debug("object replicated", [("object", key)]);
    }
}
