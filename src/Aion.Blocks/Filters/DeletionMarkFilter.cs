using System.Collections.Concurrent;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>
/// Leaves out blocks marked for deletion once the mark is older than a delay, which gives everyone time to load what replaces them.
/// Remembers all marks it saw.
/// </summary>
public sealed class DeletionMarkFilter(IBucket bucket, TimeSpan delay, int concurrency, ILogger logger) : IBlockFilter
{
    private IReadOnlyDictionary<BlockId, DeletionMark> _marks = new Dictionary<BlockId, DeletionMark>();

    /// <summary>The marks of the last sync, also of blocks that were kept.</summary>
    public IReadOnlyDictionary<BlockId, DeletionMark> Marks => Volatile.Read(ref _marks);

    public async ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        var marks = new ConcurrentDictionary<BlockId, DeletionMark>(Marks.Where(m => selection.IsListed(m.Key) && !selection.Metas.ContainsKey(m.Key)));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        IEnumerable<BlockId> candidates = selection.Metas.Keys.Where(id => MayBeMarked(selection.MarksOf(id)));
        await Parallel.ForEachAsync(candidates.ToList(), parallel, async (id, token) =>
        {
            if (await ReadAsync(id, token) is { } mark) marks[id] = mark;
        });

        foreach (DeletionMark mark in marks.Values.Where(m => IsDue(m, selection.Now, delay))) selection.Remove(mark.Id, BlockState.MarkedForDeletion);
        Volatile.Write(ref _marks, new Dictionary<BlockId, DeletionMark>(marks));
    }

    /// <summary>Compared in whole seconds, as the mark keeps them; a mark of exactly the delay's age is not due yet.</summary>
    internal static bool IsDue(DeletionMark mark, DateTimeOffset now, TimeSpan delay) =>
        now.ToUnixTimeSeconds() - mark.DeletionTime.ToUnixTimeSeconds() > delay.TotalSeconds;

    private static bool MayBeMarked(BlockMarks? known) => known is null || known.Value.HasFlag(BlockMarks.Deletion);

    private async Task<DeletionMark?> ReadAsync(BlockId id, CancellationToken cancellationToken)
    {
        string key = BlockLayout.Key(id, BlockLayout.DeletionMarkFile);
        byte[]? content = await bucket.TryReadAllAsync(key, BlockMarkJson.MaxBytes, cancellationToken);
        if (content is null) return null;
        try
        {
            DeletionMark mark = BlockMarkJson.ParseDeletion(content, $"{key} in bucket {bucket.Name}");
            if (mark.Id == id) return mark;
            logger.LogWarning("{Key} marks another block, {Block}, and is not followed", key, mark.Id);
            return null;
        }
        catch (BlockMetaException e) when (e.Error == BlockMetaError.Corrupt)
        {
            // A mark cut off by a crash says nothing; the next attempt to mark finds it and says so.
            logger.LogWarning("a deletion mark can't be read and counts as absent: {Reason}", e.Message);
            return null;
        }
    }
}
