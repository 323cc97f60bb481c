using System.Collections.Concurrent;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Compactor;

/// <summary>Looks at a bucket through a compactor's filters (reference/block-lifecycle.md L-3.5). Thread-safe; one look at a time.</summary>
public sealed class BucketView : IDisposable
{
    private readonly IBucket _bucket;
    private readonly CompactorOptions _options;
    private readonly ILogger _logger;
    private readonly MetaSource _source;
    private readonly MetaFetcher _fetcher;
    private readonly AllBlocks _all = new();
    private readonly DeletionMarkFilter _deletions;
    private readonly DeduplicateFilter _duplicates;
    private readonly NoCompactMarkFilter _noCompact;
    private readonly NoDownsampleMarkFilter _noDownsample;
    private readonly ConcurrentDictionary<BlockId, IReadOnlyList<BlockFile>> _listedFiles = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TimeProvider _time;
    private BucketState _last = new();
    private long _lastTicks;

    public BucketView(IBucket bucket, CompactorOptions options, IMetricFactory metrics, TimeProvider time, ILogger logger)
    {
        _bucket = bucket;
        _options = options;
        _logger = logger;
        _time = time;
        _source = new MetaSource(
            bucket, new MetaSourceOptions { Concurrency = options.MetaConcurrency, Discovery = options.Discovery, CacheDirectory = options.DataDirectory }, metrics, logger);
        // Halfway to the deletion whoever replaces a block has long been seen by everyone.
        _deletions = new DeletionMarkFilter(bucket, options.Policy.DeleteDelay / 2, options.MetaConcurrency, logger);
        _duplicates = new DeduplicateFilter(id => _deletions.Marks.ContainsKey(id));
        _noCompact = new NoCompactMarkFilter(bucket, options.MetaConcurrency, logger);
        _noDownsample = new NoDownsampleMarkFilter(bucket, options.MetaConcurrency, logger);
        IBlockFilter[] filters =
        [
            _all,
            new TimePartitionFilter(options.MinTimeMs, options.MaxTimeMs),
            new SelectorFilter(options.Selector, options.ReplicaLabels),
            new ConsistencyDelayFilter(options.Policy.ConsistencyDelay, metrics),
            _deletions,
            new ReplicaLabelFilter(options.ReplicaLabels),
            _duplicates,
            _noCompact,
            .. options.Policy.DownsamplingEnabled ? [_noDownsample] : Array.Empty<IBlockFilter>(),
        ];
        _fetcher = new MetaFetcher(_source, filters, metrics, time, logger);
    }

    /// <summary>What the last look found.</summary>
    public BucketState Last => Volatile.Read(ref _last);

    /// <summary>When the last look ended; null before the first.</summary>
    public DateTimeOffset? LastSynced => Volatile.Read(ref _lastTicks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Metas that could not be had in the last look, for a person; empty when there were none.</summary>
    public string Incompleteness { get; private set; } = "";

    /// <exception cref="BucketException">The bucket could not be listed, or a mark not be read.</exception>
    public async Task<BucketState> SyncAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            MetaFetchResult found = await _fetcher.FetchAsync(cancellationToken);
            // One more look: what fails twice is no passing trouble, and must not keep the other blocks waiting.
            if (!found.IsComplete) found = await _fetcher.FetchAsync(cancellationToken);
            if (!found.IsComplete) _logger.LogWarning("working without the blocks whose metas can't be read: {Reason}", found.Incompleteness);
            Incompleteness = found.Incompleteness;
            var state = new BucketState
            {
                Metas = await WithFilesAsync(found.Metas, cancellationToken),
                All = _all.Metas,
                IsWhole = found.IsComplete,
                DeletionMarks = _deletions.Marks,
                NoCompactMarks = _noCompact.Marks,
                NoDownsampleMarks = _noDownsample.Marks,
                Duplicates = _duplicates.Duplicates,
                Partials = await PartialUploads.ReadAsync(_bucket, found.Partial, cancellationToken),
            };
            Volatile.Write(ref _last, state);
            Volatile.Write(ref _lastTicks, _time.GetUtcNow().UtcTicks);
            return state;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _oneAtATime.Dispose();
    }

    /// <summary>Old metas do not list their files; planning wants the sizes, so they are looked up once.</summary>
    private async Task<IReadOnlyDictionary<BlockId, BlockMeta>> WithFilesAsync(IReadOnlyDictionary<BlockId, BlockMeta> metas, CancellationToken cancellationToken)
    {
        List<BlockMeta> without = [.. metas.Values.Where(m => m.Thanos.Files.Count == 0)];
        if (without.Count == 0) return metas;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MetaConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(without.Where(m => !_listedFiles.ContainsKey(m.Id)), parallel, async (meta, token) =>
        {
            var files = new List<BlockFile>();
            await foreach (BucketEntry entry in _bucket.ListAsync(meta.Id.ToString(), recursive: true, token))
            {
                string path = entry.Key[(entry.Key.IndexOf('/') + 1)..];
                if (BlockDownloader.IsPart(path)) files.Add(new BlockFile(path, entry.Attributes!.Value.SizeBytes));
            }

            _listedFiles[meta.Id] = files;
        });
        var completed = new Dictionary<BlockId, BlockMeta>(metas);
        foreach (BlockMeta meta in without) completed[meta.Id] = meta with { Thanos = meta.Thanos with { Files = _listedFiles[meta.Id] } };
        foreach (BlockId id in _listedFiles.Keys.Where(id => !metas.ContainsKey(id))) _listedFiles.TryRemove(id, out _);
        return completed;
    }

    /// <summary>Stands before all filters and remembers what comes to them.</summary>
    private sealed class AllBlocks : IBlockFilter
    {
        public IReadOnlyDictionary<BlockId, BlockMeta> Metas { get; private set; } = new Dictionary<BlockId, BlockMeta>();

        public ValueTask ApplyAsync(BlockSelection selection, CancellationToken cancellationToken)
        {
            Metas = new Dictionary<BlockId, BlockMeta>(selection.Metas);
            return ValueTask.CompletedTask;
        }
    }
}
