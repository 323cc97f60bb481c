using System.Collections.Concurrent;
using Aion.Model;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Blocks;

public sealed record MetaSourceOptions
{
    /// <summary>Metas loaded at once.</summary>
    public int Concurrency { get; init; } = 32;

    public BlockDiscovery Discovery { get; init; } = BlockDiscovery.Concurrent;

    /// <summary>Folder whose <c>meta-syncer/</c> keeps metas over a restart; null = none are kept.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>In front of the metrics' names.</summary>
    public string MetricPrefix { get; init; } = "thanos_";
}

/// <summary>Why a block is not complete.</summary>
public enum PartialBlock
{
    /// <summary>Being uploaded, being deleted, or left behind half-way.</summary>
    NoMeta,

    CorruptMeta,
}

/// <summary>What a bucket holds at one moment, before any selection.</summary>
/// <param name="Metas">The complete blocks.</param>
/// <param name="Failures">Blocks whose meta could not be had this time; the view is not whole when there are any.</param>
public sealed record MetaSnapshot(
    IReadOnlyDictionary<BlockId, BlockMeta> Metas,
    IReadOnlyDictionary<BlockId, PartialBlock> Partial,
    IReadOnlyDictionary<BlockId, string> Failures,
    IReadOnlyDictionary<BlockId, ListedBlock> Listed);

/// <summary>
/// Loads the metas of a bucket: from memory, from the local disk, or from the bucket, so that a sync costs what has changed.
/// Several fetchers may stand over one source; calls at the same time share one sync. Thread-safe.
/// </summary>
public sealed class MetaSource : IDisposable
{
    /// <summary>Looks whether a known block is still there, at once; they cost next to nothing.</summary>
    private const int ConcurrentLooks = 64;

    private readonly IBucket _bucket;
    private readonly MetaSourceOptions _options;
    private readonly ILogger _logger;
    private readonly LocalMetaCache? _disk;
    private readonly Counter _syncs;
    private readonly Counter _cacheBusts;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _lock = new();

    // Guarded by _lock: the sync under way. The cache is replaced by the one sync that runs.
    private Task<MetaSnapshot>? _running;
    private Dictionary<BlockId, CachedMeta> _memory = [];

    public MetaSource(IBucket bucket, MetaSourceOptions options, IMetricFactory metrics, ILogger logger)
    {
        _bucket = bucket;
        _options = options;
        _logger = logger;
        _disk = options.CacheDirectory is null ? null : new LocalMetaCache(options.CacheDirectory, logger);
        _syncs = metrics.CreateCounter(options.MetricPrefix + "blocks_meta_base_syncs_total", "Total blocks metadata synchronization attempts by base Fetcher");
        _cacheBusts = metrics.CreateCounter(options.MetricPrefix + "blocks_meta_base_cache_busts_total", "Total blocks metadata cache busts by base Fetcher");
    }

    internal IBucket Bucket => _bucket;

    internal string MetricPrefix => _options.MetricPrefix;

    /// <summary>The bucket as it is now.</summary>
    /// <exception cref="BucketException">The listing itself failed; nothing is known.</exception>
    public async Task<MetaSnapshot> SyncAsync(CancellationToken cancellationToken)
    {
        Task<MetaSnapshot> sync;
        lock (_lock)
        {
            // The shared sync must not end with the first caller's patience, so it follows the source's life only.
            sync = _running ??= RunAsync(_closed.Token);
        }

        return await sync.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _closed.Cancel();
        _closed.Dispose();
    }

    private async Task<MetaSnapshot> RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            return await LoadAllAsync(cancellationToken);
        }
        finally
        {
            // The snapshot lives as long as those who asked for it want it.
            lock (_lock) _running = null;
        }
    }

    private async Task<MetaSnapshot> LoadAllAsync(CancellationToken cancellationToken)
    {
        _syncs.Inc();
        IReadOnlyCollection<ListedBlock> listed = await BlockLister.ListAsync(_bucket, _options.Discovery, cancellationToken);
        var loaded = new ConcurrentDictionary<BlockId, CachedMeta>();
        var partial = new ConcurrentDictionary<BlockId, PartialBlock>();
        var failures = new ConcurrentDictionary<BlockId, string>();
        using var reads = new SemaphoreSlim(_options.Concurrency);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(_options.Concurrency, ConcurrentLooks), CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(listed, parallel, async (block, token) =>
        {
            try
            {
                CachedMeta? meta = await LoadAsync(block, reads, token);
                if (meta is null) partial[block.Id] = PartialBlock.NoMeta;
                else loaded[block.Id] = meta;
            }
            catch (BlockMetaException e) when (e.Error == BlockMetaError.Corrupt)
            {
                _logger.LogWarning("block {Block} has a corrupt meta.json and is taken as partial: {Reason}", block.Id, e.Message);
                partial[block.Id] = PartialBlock.CorruptMeta;
            }
            catch (Exception e) when (e is BlockMetaException or BucketException)
            {
                failures[block.Id] = e.Message;
            }
        });

        var memory = new Dictionary<BlockId, CachedMeta>(loaded);
        // What could not be had this time has not changed for that.
        foreach (BlockId id in failures.Keys)
            if (_memory.TryGetValue(id, out CachedMeta? known)) memory.TryAdd(id, known);
        _memory = memory;
        _disk?.Keep([.. memory.Values.Select(m => m.Meta)]);
        return new MetaSnapshot(
            loaded.ToDictionary(m => m.Key, m => m.Value.Meta),
            new Dictionary<BlockId, PartialBlock>(partial),
            new Dictionary<BlockId, string>(failures),
            listed.ToDictionary(b => b.Id));
    }

    private async Task<CachedMeta?> LoadAsync(ListedBlock block, SemaphoreSlim reads, CancellationToken cancellationToken)
    {
        if (block.HasMeta == false) return null;
        if (TryRecall(block) is not { } known) return await ReadAsync(block, reads, cancellationToken);
        if (block.HasMeta is null && !await _bucket.ExistsAsync(BlockLayout.MetaKey(block.Id), cancellationToken)) return null;
        return known;
    }

    private CachedMeta? TryRecall(ListedBlock block)
    {
        if (_memory.TryGetValue(block.Id, out CachedMeta? cached))
        {
            if (block.MetaModified is null || cached.Modified is null || cached.Modified == block.MetaModified)
                return cached.Modified is null ? cached with { Modified = block.MetaModified } : cached;
            _cacheBusts.Inc();
            return null;
        }

        return _disk?.TryRead(block.Id, block.MetaModified) is { } kept ? new CachedMeta(kept, block.MetaModified) : null;
    }

    private async Task<CachedMeta?> ReadAsync(ListedBlock block, SemaphoreSlim reads, CancellationToken cancellationToken)
    {
        string key = BlockLayout.MetaKey(block.Id);
        byte[]? content;
        await reads.WaitAsync(cancellationToken);
        try
        {
            content = await _bucket.TryReadAllAsync(key, BlockMetaReader.MaxBytes, cancellationToken);
        }
        finally
        {
            reads.Release();
        }

        if (content is null) return null;
        BlockMeta meta = BlockMetaReader.Parse(content, $"{key} in bucket {_bucket.Name}");
        if (meta.Id != block.Id)
            throw new BlockMetaException(BlockMetaError.Corrupt, $"{key} in bucket {_bucket.Name}: it describes block {meta.Id}");
        _disk?.Changed();
        return new CachedMeta(meta, block.MetaModified);
    }

    private sealed record CachedMeta(BlockMeta Meta, DateTimeOffset? Modified);
}
