using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Blocks;

/// <summary>Takes a block out of a bucket.</summary>
public static class BlockDeleter
{
    /// <summary>
    /// Deletes meta.json first, so that the block is gone for everyone at once, then all other objects, the deletion mark last: it tells
    /// whoever finds the rest what was going on. A deletion that was broken off can be done again.
    /// </summary>
    /// <exception cref="BucketException">The bucket refused; what is left is a partial block.</exception>
    public static async Task DeleteAsync(IBucket bucket, BlockId id, CancellationToken cancellationToken)
    {
        string meta = BlockLayout.MetaKey(id), mark = BlockLayout.Key(id, BlockLayout.DeletionMarkFile);
        if (await bucket.ExistsAsync(meta, cancellationToken)) await bucket.DeleteAsync(meta, cancellationToken);
        var keys = new List<string>();
        await foreach (BucketEntry entry in bucket.ListAsync(id.ToString(), recursive: true, cancellationToken))
            if (entry.Key != meta && entry.Key != mark) keys.Add(entry.Key);
        foreach (string key in keys) await bucket.DeleteAsync(key, cancellationToken);
        if (await bucket.ExistsAsync(mark, cancellationToken)) await bucket.DeleteAsync(mark, cancellationToken);
    }
}
