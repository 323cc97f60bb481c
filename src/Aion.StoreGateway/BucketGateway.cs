using Aion.Blocks;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>
/// The store gateway without its servers: an <see cref="IStore"/> over a bucket, and what keeps it in step. <c>aion store</c> puts it behind
/// gRPC; <c>aion standalone</c> asks it directly.
/// </summary>
public sealed class BucketGateway : IDisposable, IAsyncDisposable
{
    private static readonly TimeSpan InitialSyncRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan InitialSyncLimit = TimeSpan.FromSeconds(30);

    private readonly StoreGatewayOptions _options;
    private readonly ComponentContext _context;
    private readonly BucketStore _store;
    private readonly MetaSource _source;
    private readonly BlockSync _sync;
    private readonly IIndexCache? _indexCache;
    private readonly CachingBucket? _cachingBucket;
    private long _lastSyncedTicks;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BucketGateway(IBucket bucket, StoreGatewayOptions options, ComponentContext context)
    {
        _options = options;
        _context = context;
        if (options.CachingBucket is { } caching) bucket = _cachingBucket = CachingBucket.Create(bucket, caching, context);
        var metrics = new StoreGatewayMetrics(context.Metrics);
        _store = new BucketStore(
            new BucketStoreOptions
            {
                Name = options.Name,
                MinTimeMs = options.MinTimeMs,
                MaxTimeMs = options.MaxTimeMs,
                Limits = new RequestLimitOptions(options.MaxSeries, options.MaxChunks, options.MaxBytes),
                MaxConcurrency = options.MaxConcurrency,
                MaxHeldBytes = options.MaxHeldBytes,
                MaxPoolWait = options.MaxPoolWait,
                SeriesBatch = options.SeriesBatch,
                LazyPostings = options.LazyPostings,
                IndexCache = _indexCache = IndexCaches.Create(options.IndexCache, context),
            },
            metrics, context.Metrics);
        Marker = new BlockMarker(bucket, context.Time, context.Logger);
        _source = new MetaSource(
            bucket,
            new MetaSourceOptions { Concurrency = options.FetchConcurrency, Discovery = options.Discovery, CacheDirectory = options.DataDirectory },
            context.Metrics.Factory, context.Logger);
        IBlockFilter[] filters =
        [
            new TimePartitionFilter(options.MinTimeMs, options.MaxTimeMs),
            new SelectorFilter(options.Selector),
            new ConsistencyDelayFilter(options.ConsistencyDelay, context.Metrics.Factory),
            new DeletionMarkFilter(bucket, options.DeletionMarksDelay, options.FetchConcurrency, context.Logger),
            new DeduplicateFilter(),
            .. options.MoreFilters,
        ];
        var fetcher = new MetaFetcher(_source, filters, context.Metrics.Factory, context.Time, context.Logger);
        var headers = new HeaderStore(bucket, options.Headers, new HeaderMetrics(context.Metrics), context.Time, context.Logger);
        var opener = new BlockOpener(bucket, headers, options.Estimates, context.Time);
        _sync = new BlockSync(fetcher, opener, _store, metrics, context.Time, context.Logger, options.SyncConcurrency);
    }

    public IStore Store => _store;

    /// <summary>Marks blocks of the bucket; the next sync sees it.</summary>
    internal BlockMarker Marker { get; }

    /// <summary>What is loaded now.</summary>
    internal IEnumerable<BlockMeta> LoadedBlocks => _store.Catalog.Blocks.Values.Select(b => b.Meta);

    /// <summary>When the last good look at the bucket ended; null before the first.</summary>
    internal DateTimeOffset? LastSynced => Volatile.Read(ref _lastSyncedTicks) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Completes after the first sync.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Looks at the bucket now.</summary>
    /// <exception cref="BucketException">The bucket could not be listed.</exception>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await _sync.RunAsync(cancellationToken);
            Volatile.Write(ref _lastSyncedTicks, _context.Time.GetUtcNow().UtcTicks);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Syncs at once, then at every interval, until cancelled.</summary>
    /// <exception cref="ComponentException">The first sync did not succeed in time.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await FirstSyncAsync(cancellationToken);
        _synced.TrySetResult();
        await Task.WhenAll(SyncOnAsync(cancellationToken), UnloadIdleAsync(cancellationToken));
    }

    public void Dispose()
    {
        _source.Dispose();
        _oneAtATime.Dispose();
    }

    /// <summary>Ends the caches as well: what waits to be stored is, if that goes quickly.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        if (_indexCache is not null) await _indexCache.DisposeAsync();
        if (_cachingBucket is not null) await _cachingBucket.DisposeAsync();
    }

    private async Task SyncOnAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.SyncInterval, _context.Time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await SyncAsync(cancellationToken);
            }
            catch (BucketException e)
            {
                // The blocks that are loaded go on serving; the sync metrics show it.
                _context.Logger.Warn("syncing blocks failed", [("err", e.Message)]);
            }
        }
    }

    private Task UnloadIdleAsync(CancellationToken cancellationToken) =>
        _options.Headers is { LetsGo: true, IdleTimeout: var timeout } && timeout > TimeSpan.Zero
            ? IdleHeaders.RunAsync(() => _store.Catalog.Blocks.Values, timeout, _context.Time, cancellationToken)
            : Task.CompletedTask;

    private async Task FirstSyncAsync(CancellationToken cancellationToken)
    {
        long started = _context.Time.GetTimestamp();
        while (true)
        {
            try
            {
                await SyncAsync(cancellationToken);
                return;
            }
            catch (BucketException e) when (_context.Time.GetElapsedTime(started) < InitialSyncLimit)
            {
                _context.Logger.Warn("initial block sync failed, trying again", [("err", e.Message)]);
                await Task.Delay(InitialSyncRetry, _context.Time, cancellationToken);
            }
            catch (BucketException e)
            {
                throw new ComponentException($"bucket store initial sync: {e.Message}", e);
            }
        }
    }
}
