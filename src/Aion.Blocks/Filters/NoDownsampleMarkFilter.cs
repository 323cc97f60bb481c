using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Blocks;

/// <summary>Finds the blocks that are not to be downsampled and leaves them in.</summary>
public sealed class NoDownsampleMarkFilter(IBucket bucket, int concurrency, ILogger logger) : IBlockFilter
{
    private readonly MarkGathering<NoDownsampleMark> _gathering = new(
        bucket, BlockLayout.NoDownsampleMarkFile, BlockMarks.NoDownsample, BlockMarkJson.ParseNoDownsample, m => m.Id, concurrency, logger);

    private IReadOnlyDictionary<BlockId, NoDownsampleMark> _marks = new Dictionary<BlockId, NoDownsampleMark>();

    /// <summary>The marks of the last sync.</summary>
    public IReadOnlyDictionary<BlockId, NoDownsampleMark> Marks => Volatile.Read(ref _marks);

    public async ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<BlockId, NoDownsampleMark> marks = await _gathering.ReadAsync(selection, cancellationToken);
        selection.Note(BlockState.MarkedForNoDownsample, marks.Count);
        Volatile.Write(ref _marks, marks);
    }
}
