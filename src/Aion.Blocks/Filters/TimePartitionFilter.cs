namespace Aion.Blocks;

/// <summary>Keeps the blocks that touch a time range, <c>[min, max]</c>.</summary>
/// <param name="minTimeMs">The bound at a given time: a flag may say "two weeks ago", which moves.</param>
public sealed class TimePartitionFilter(Func<DateTimeOffset, long> minTimeMs, Func<DateTimeOffset, long> maxTimeMs) : IBlockFilter
{
    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        long min = minTimeMs(selection.Now), max = maxTimeMs(selection.Now);
        foreach (BlockMeta meta in selection.Metas.Values.Where(m => !Keeps(m, min, max)).ToList())
            selection.Remove(meta.Id, BlockState.TimeExcluded);
        return ValueTask.CompletedTask;
    }

    internal static bool Keeps(BlockMeta meta, long minTimeMs, long maxTimeMs) => meta.MaxTimeMs >= minTimeMs && meta.MinTimeMs <= maxTimeMs;
}
