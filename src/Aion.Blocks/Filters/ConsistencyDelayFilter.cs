using Prometheus;

namespace Aion.Blocks;

/// <summary>Leaves out blocks so young that a bucket without read-after-write might not show all of their objects yet.</summary>
public sealed class ConsistencyDelayFilter : IBlockFilter
{
    private readonly TimeSpan _delay;

    public ConsistencyDelayFilter(TimeSpan delay, IMetricFactory metrics, string metricPrefix = "thanos_")
    {
        _delay = delay;
        metrics.CreateGauge(metricPrefix + "consistency_delay_seconds", "Configured consistency delay in seconds.").Set(delay.TotalSeconds);
    }

    public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
    {
        foreach (BlockMeta meta in selection.Metas.Values.Where(m => IsTooFresh(m, selection.Now, _delay)).ToList())
            selection.Remove(meta.Id, BlockState.TooFresh);
        return ValueTask.CompletedTask;
    }

    /// <summary>The age counts from the end of the upload, or from the block's creation where that is not known.</summary>
    internal static bool IsTooFresh(BlockMeta meta, DateTimeOffset now, TimeSpan delay)
    {
        // What a compactor wrote it has read back itself, and its sources wait for it.
        if (meta.Thanos.Source is BlockSource.Compactor or BlockSource.CompactorRepair or BlockSource.BucketRepair) return false;
        return delay > TimeSpan.Zero && now - (meta.Thanos.UploadTime ?? meta.Id.Value.Time) < delay;
    }
}
