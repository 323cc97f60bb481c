using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary>Takes blocks out of a bucket after they were copied to a backup bucket.</summary>
/// <param name="delay">Zero: the block is deleted at once. Else it is marked, and whoever cleans the bucket deletes it.</param>
internal sealed class BlockDisposal(IBucket bucket, IBucket backup, TimeSpan delay, ComponentContext context, ILogger logger)
{
    // Its series are those of the replicating tool; a tool that ends soon serves no metrics.
    private readonly BlockReplicator _copier = new(bucket, backup, new ReplicationMetrics(context.Metrics.Factory), logger);

    /// <param name="why">For the deletion mark.</param>
    /// <exception cref="ComponentException">The backup bucket holds another block of this name, or the copy is not complete.</exception>
    /// <exception cref="BucketException">A bucket failed; the block is as it was, or deleted in part and in the backup as a whole.</exception>
    public async Task RunAsync(BlockId id, string why, CancellationToken cancellationToken)
    {
        string key = BlockLayout.MetaKey(id);
        byte[]? meta = await bucket.TryReadAllAsync(key, BlockMetaReader.MaxBytes, cancellationToken);
        byte[]? saved = await backup.TryReadAllAsync(key, BlockMetaReader.MaxBytes, cancellationToken);
        if (meta is null) throw new ComponentException($"block {id} has no meta.json in bucket {bucket.Name}; it is not taken away");
        if (saved is not null && !saved.AsSpan().SequenceEqual(meta))
            throw new ComponentException($"backup bucket {backup.Name} holds another block of the name {id}; it is not taken away");
        logger.Info("Uploading block to backup bucket", [("id", id)]);
        await _copier.EnsureAsync(id, cancellationToken);
        if (!await backup.ExistsAsync(key, cancellationToken)) throw new ComponentException($"block {id} did not arrive in backup bucket {backup.Name}");
        if (delay > TimeSpan.Zero)
        {
            logger.Info("Marking block as deleted", [("id", id)]);
            await new BlockMarker(bucket, context.Time, logger).MarkForDeletionAsync(id, why, cancellationToken);
            logger.Info("block has been marked for deletion", [("block", id)]);
            return;
        }

        // No mark after a deletion: it would be a partial block of its own, as the original leaves it.
        logger.Info("Deleting block", [("id", id)]);
        await BlockDeleter.DeleteAsync(bucket, id, cancellationToken);
    }
}
