using Aion.Model;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Blocks;

/// <summary>The blocks that a component works with, after its filters.</summary>
/// <param name="Metas">The selected blocks, as the filters left them.</param>
/// <param name="Partial">Blocks without a usable meta.json.</param>
/// <param name="Failures">Blocks whose meta could not be had; while there are any, absence from <paramref name="Metas"/> proves nothing.</param>
public sealed record MetaFetchResult(
    IReadOnlyDictionary<BlockId, BlockMeta> Metas,
    IReadOnlyDictionary<BlockId, PartialBlock> Partial,
    IReadOnlyDictionary<BlockId, string> Failures)
{
    public bool IsComplete => Failures.Count == 0;

    /// <summary>What is missing, for an error or a log line; empty when nothing is.</summary>
    public string Incompleteness => IsComplete
        ? ""
        : $"incomplete view of the bucket: {Failures.Count} metas failed, among them {string.Join("; ", Failures.Take(3).Select(f => $"{f.Key}: {f.Value}"))}";
}

/// <summary>Syncs the metas of a bucket and applies a component's filters, in order. One fetch at a time.</summary>
public sealed class MetaFetcher
{
    private readonly MetaSource _source;
    private readonly IReadOnlyList<IBlockFilter> _filters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Counter _syncs;
    private readonly Counter _failures;
    private readonly Prometheus.Histogram _duration;
    private readonly Gauge _synced;
    private readonly Gauge _modified;

    public MetaFetcher(MetaSource source, IReadOnlyList<IBlockFilter> filters, IMetricFactory metrics, TimeProvider time, ILogger logger)
    {
        _source = source;
        _filters = filters;
        _time = time;
        _logger = logger;
        string prefix = source.MetricPrefix;
        _syncs = metrics.CreateCounter(prefix + "blocks_meta_syncs_total", "Total blocks metadata synchronization attempts");
        _failures = metrics.CreateCounter(prefix + "blocks_meta_sync_failures_total", "Total blocks metadata synchronization failures");
        _duration = metrics.CreateHistogram(
            prefix + "blocks_meta_sync_duration_seconds",
            "Duration of the blocks metadata synchronization in seconds",
            new HistogramConfiguration { Buckets = [0.01, 1, 10, 100, 300, 600, 1000] });
        _synced = metrics.CreateGauge(prefix + "blocks_meta_synced", "Number of block metadata synced", ["state"]);
        _modified = metrics.CreateGauge(prefix + "blocks_meta_modified", "Number of blocks whose metadata changed", ["modified"]);
        foreach (string state in BlockState.All) _synced.WithLabels(state);
        _modified.WithLabels(BlockState.ReplicaLabelRemoved);
    }

    /// <exception cref="ObjectStorage.BucketException">The bucket could not be listed, or a filter could not read what it needs.</exception>
    public async Task<MetaFetchResult> FetchAsync(CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        _syncs.Inc();
        try
        {
            MetaFetchResult result = await FetchAndFilterAsync(cancellationToken);
            if (!result.IsComplete) _failures.Inc();
            _logger.LogInformation(
                "successfully synchronized block metadata {Duration} {Returned} {Partial} {Failed}",
                _time.GetElapsedTime(start), result.Metas.Count, result.Partial.Count, result.Failures.Count);
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failures.Inc();
            throw;
        }
        finally
        {
            _duration.Observe(_time.GetElapsedTime(start).TotalSeconds);
        }
    }

    private async Task<MetaFetchResult> FetchAndFilterAsync(CancellationToken cancellationToken)
    {
        MetaSnapshot snapshot = await _source.SyncAsync(cancellationToken);
        var selection = new BlockSelection(snapshot, _time.GetUtcNow());
        foreach (IBlockFilter filter in _filters) await filter.ApplyAsync(selection, cancellationToken);

        foreach (string state in BlockState.All) _synced.WithLabels(state).Set(selection.Removed.GetValueOrDefault(state));
        _synced.WithLabels(BlockState.Loaded).Set(selection.Metas.Count);
        _synced.WithLabels(BlockState.Failed).Set(snapshot.Failures.Count);
        _synced.WithLabels(BlockState.NoMetaJson).Set(snapshot.Partial.Values.Count(p => p == PartialBlock.NoMeta));
        _synced.WithLabels(BlockState.CorruptedMetaJson).Set(snapshot.Partial.Values.Count(p => p == PartialBlock.CorruptMeta));
        _modified.WithLabels(BlockState.ReplicaLabelRemoved).Set(selection.ModifiedCount);
        return new MetaFetchResult(selection.Metas, snapshot.Partial, snapshot.Failures);
    }
}
