using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>Finds the blocks that are not to be compacted and leaves them in: they are planned around, downsampled and kept as others are.</summary>
public sealed class NoCompactMarkFilter(IBucket bucket, int concurrency, ILogger logger) : IBlockFilter
{
    private readonly MarkGathering<NoCompactMark> _gathering = new(
        bucket, BlockLayout.NoCompactMarkFile, BlockMarks.NoCompact, BlockMarkJson.ParseNoCompact, m => m.Id, concurrency, logger);

    private IReadOnlyDictionary<BlockId, NoCompactMark> _marks = new Dictionary<BlockId, NoCompactMark>();

    /// <summary>The marks of the last sync.</summary>
    public IReadOnlyDictionary<BlockId, NoCompactMark> Marks => Volatile.Read(ref _marks);

    public async ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<BlockId, NoCompactMark> marks = await _gathering.ReadAsync(selection, cancellationToken);
        selection.Note(BlockState.MarkedForNoCompact, marks.Count);
        Volatile.Write(ref _marks, marks);
    }
}
