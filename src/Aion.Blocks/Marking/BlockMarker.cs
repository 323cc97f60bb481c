using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>What an attempt to mark a block came to.</summary>
public enum MarkOutcome
{
    Written,

    /// <summary>A sound mark of that kind was there and stays as it is.</summary>
    AlreadyMarked,
}

/// <summary>
/// Writes and removes markers. A block that is not there is an error: a marker alone would be a partial block that nobody cleans up for days.
/// </summary>
public sealed class BlockMarker(IBucket bucket, TimeProvider time, ILogger logger)
{
    /// <exception cref="BucketException"><see cref="BucketErrorKind.NotFound"/> when the bucket holds no object of the block.</exception>
    public Task<MarkOutcome> MarkForDeletionAsync(BlockId id, string details, CancellationToken cancellationToken) => MarkAsync(
        id, BlockLayout.DeletionMarkFile, BlockMarkJson.ToUtf8(new DeletionMark(id, time.GetUtcNow(), details)), BlockMarkJson.ParseDeletion, cancellationToken);

    /// <param name="reason">One of <see cref="NoCompactReason"/>.</param>
    /// <inheritdoc cref="MarkForDeletionAsync" path="/exception"/>
    public Task<MarkOutcome> MarkNoCompactAsync(BlockId id, string reason, string details, CancellationToken cancellationToken) => MarkAsync(
        id, BlockLayout.NoCompactMarkFile, BlockMarkJson.ToUtf8(new NoCompactMark(id, time.GetUtcNow(), reason, details)), BlockMarkJson.ParseNoCompact,
        cancellationToken);

    /// <inheritdoc cref="MarkForDeletionAsync" path="/exception"/>
    public Task<MarkOutcome> MarkNoDownsampleAsync(BlockId id, string reason, string details, CancellationToken cancellationToken) => MarkAsync(
        id, BlockLayout.NoDownsampleMarkFile, BlockMarkJson.ToUtf8(new NoDownsampleMark(id, time.GetUtcNow(), reason, details)),
        BlockMarkJson.ParseNoDownsample, cancellationToken);

    /// <summary>Removes a marker.</summary>
    /// <param name="markFile">One of the marker files of <see cref="BlockLayout"/>.</param>
    /// <exception cref="BucketException"><see cref="BucketErrorKind.NotFound"/> when the block has no such marker.</exception>
    public async Task RemoveAsync(BlockId id, string markFile, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, markFile);
        if (!await bucket.ExistsAsync(key, cancellationToken)) throw BucketException.NotFound(bucket.Name, key);
        await bucket.DeleteAsync(key, cancellationToken);
        logger.LogInformation("mark has been removed from the block {Block} {Mark}", id, markFile);
    }

    private async Task<MarkOutcome> MarkAsync<TMark>(
        BlockId id, string file, byte[] content, Func<ReadOnlyMemory<byte>, string, TMark> parse, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, file);
        byte[]? existing = await bucket.TryReadAllAsync(key, BlockMarkJson.MaxBytes, cancellationToken);
        if (existing is not null && IsSound(existing, key, parse)) return MarkOutcome.AlreadyMarked;
        if (!await ExistsAsync(id, cancellationToken))
            throw new BucketException(BucketErrorKind.NotFound, $"block {id} is not in bucket {bucket.Name}: nothing to mark");
        await bucket.UploadAsync(key, content, cancellationToken);
        return MarkOutcome.Written;
    }

    private bool IsSound<TMark>(byte[] existing, string key, Func<ReadOnlyMemory<byte>, string, TMark> parse)
    {
        try
        {
            parse(existing, $"{key} in bucket {bucket.Name}");
            return true;
        }
        catch (BlockMetaException e) when (e.Error == BlockMetaError.Corrupt)
        {
            logger.LogWarning("a mark that can't be read is replaced: {Reason}", e.Message);
            return false;
        }
        catch (BlockMetaException)
        {
            // Of a later version: not ours to replace.
            return true;
        }
    }

    /// <summary>A complete block, or at least one object of a partial one that is no marker.</summary>
    private async Task<bool> ExistsAsync(BlockId id, CancellationToken cancellationToken)
    {
        if (await bucket.ExistsAsync(BlockLayout.MetaKey(id), cancellationToken)) return true;
        await foreach (BucketEntry entry in bucket.ListAsync(id.ToString(), recursive: true, cancellationToken))
            if (!BlockLayout.IsMark(entry.Key)) return true;
        return false;
    }
}
