using System.Collections.Concurrent;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>Reads one kind of marker of all blocks of a selection.</summary>
/// <param name="kind">What a discovery that knows markers says of such a block.</param>
/// <param name="idOf">The block that a marker names; one that lies with another block is not followed.</param>
internal sealed class MarkGathering<TMark>(
    IBucket bucket, string file, BlockMarks kind, Func<ReadOnlyMemory<byte>, string, TMark> parse, Func<TMark, BlockId> idOf, int concurrency,
    ILogger logger)
    where TMark : class
{
    /// <exception cref="BucketException">A marker could not be read.</exception>
    public async Task<IReadOnlyDictionary<BlockId, TMark>> ReadAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        var marks = new ConcurrentDictionary<BlockId, TMark>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        IEnumerable<BlockId> candidates = selection.Metas.Keys.Where(id => selection.MarksOf(id) is not { } known || known.HasFlag(kind));
        await Parallel.ForEachAsync(candidates.ToList(), parallel, async (id, token) =>
        {
            if (await ReadAsync(id, token) is { } mark) marks[id] = mark;
        });
        return marks;
    }

    public async Task<TMark?> ReadAsync(BlockId id, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, file);
        byte[]? content = await bucket.TryReadAllAsync(key, BlockMarkJson.MaxBytes, cancellationToken);
        if (content is null) return null;
        try
        {
            TMark mark = parse(content, $"{key} in bucket {bucket.Name}");
            if (idOf(mark) == id) return mark;
            logger.LogWarning("{Key} marks another block, {Block}, and is not followed", key, idOf(mark));
            return null;
        }
        catch (BlockMetaException e) when (e.Error == BlockMetaError.Corrupt)
        {
            // A mark cut off by a crash says nothing; the next attempt to mark replaces it.
            logger.LogWarning("a mark can't be read and counts as absent: {Reason}", e.Message);
            return null;
        }
    }
}
