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
    private readonly MarkGathering<DeletionMark> _gathering = new(
        bucket, BlockLayout.DeletionMarkFile, BlockMarks.Deletion, BlockMarkJson.ParseDeletion, m => m.Id, concurrency, logger);

    private IReadOnlyDictionary<BlockId, DeletionMark> _marks = new Dictionary<BlockId, DeletionMark>();

    /// <summary>The marks of the last sync, also of blocks that were kept.</summary>
    public IReadOnlyDictionary<BlockId, DeletionMark> Marks => Volatile.Read(ref _marks);

    public async ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        // A block whose deletion is under way has lost its meta.json; its mark is still good.
        var marks = new Dictionary<BlockId, DeletionMark>(Marks.Where(m => selection.IsListed(m.Key) && !selection.Metas.ContainsKey(m.Key)));
        foreach (var (id, mark) in await _gathering.ReadAsync(selection, cancellationToken)) marks[id] = mark;
        foreach (DeletionMark mark in marks.Values.Where(m => IsDue(m, selection.Now, delay))) selection.Remove(mark.Id, BlockState.MarkedForDeletion);
        Volatile.Write(ref _marks, marks);
    }

    /// <summary>Compared in whole seconds, as the mark keeps them; a mark of exactly the delay's age is not due yet.</summary>
    public static bool IsDue(DeletionMark mark, DateTimeOffset now, TimeSpan delay) =>
        now.ToUnixTimeSeconds() - mark.DeletionTime.ToUnixTimeSeconds() > delay.TotalSeconds;
}
