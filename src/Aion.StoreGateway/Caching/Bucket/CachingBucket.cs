using System.Runtime.CompilerServices;
using Aion.Caching;
using Aion.Hosting;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>
/// A bucket of which chunks, small files of blocks and the listing of the root are cached. While the cache is not to be had, everything
/// goes to the bucket as if there were none.
/// </summary>
internal sealed class CachingBucket : IBucket, IAsyncDisposable
{
    private readonly IBucket _inner;
    private readonly ICache _cache;
    private readonly CachingBucketConfig _config;
    private readonly BucketCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly CachedChunks _chunks;
    private readonly CachedMetaFiles _metaFiles;

    public CachingBucket(IBucket inner, ICache cache, CachingBucketConfig config, BucketCacheMetrics metrics, TimeProvider time)
        : this(inner, cache, config, metrics, time, looksUp: true)
    {
        Afresh = cache.IsTrusted ? null : new CachingBucket(inner, cache, config, metrics, time, looksUp: false);
    }

    private CachingBucket(IBucket inner, ICache cache, CachingBucketConfig config, BucketCacheMetrics metrics, TimeProvider time, bool looksUp)
    {
        _inner = inner;
        _cache = cache;
        _config = config;
        _metrics = metrics;
        _time = time;
        _chunks = new CachedChunks(inner, cache, config, metrics, looksUp);
        _metaFiles = new CachedMetaFiles(inner, cache, config, metrics, time);
    }

    public string Name => _inner.Name;

    /// <summary>
    /// False also over a folder, whose files could be opened directly: whoever puts a cache before a folder wants the cache to be asked, and a
    /// folder on a disk of this machine needs none.
    /// </summary>
    public bool IsLocal => false;

    public bool SupportsConditionalUpload => _inner.SupportsConditionalUpload;

    /// <summary>
    /// For a reader who found cached chunks damaged, which carry no checksum in the cache: reads them from the bucket and mends what is
    /// cached. Null when what comes from the cache is what was put there.
    /// </summary>
    public IBucket? Afresh { get; }

    public static CachingBucket Create(IBucket inner, CachingBucketConfig config, ComponentContext context)
    {
        ICache cache = Caches.Create(
            config.Cache, new CacheContext("caching-bucket", context.Metrics, context.Time, context.Logger, Random.Shared.NextDouble) { CountsKeys = true });
        return new CachingBucket(inner, cache, config, new BucketCacheMetrics(context.Metrics), context.Time);
    }

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (!BucketCacheKeys.IsMetaFile(key) || !_cache.IsAvailable) return await _inner.GetAsync(key, cancellationToken);
        return await _metaFiles.TryGetAsync(key, cancellationToken)
            ?? throw new BucketException(BucketErrorKind.NotFound, $"object {key} in bucket {Name} does not exist");
    }

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken) => BucketCacheKeys.IsMetaFile(key) && _cache.IsAvailable
        ? _metaFiles.TryGetAsync(key, cancellationToken)
        : _inner.TryGetAsync(key, cancellationToken);

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken) =>
        offset >= 0 && length > 0 && BucketCacheKeys.IsChunks(key) && _cache.IsAvailable
            ? _chunks.GetRangeAsync(key, offset, length, cancellationToken)
            : _inner.GetRangeAsync(key, offset, length, cancellationToken);

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken) =>
        BucketCacheKeys.IsChunks(key) && _cache.IsAvailable
            ? _chunks.AttributesAsync(key, cancellationToken)
            : _inner.AttributesAsync(key, cancellationToken);

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => BucketCacheKeys.IsMetaFile(key) && _cache.IsAvailable
        ? _metaFiles.ExistsAsync(key, cancellationToken)
        : _inner.ExistsAsync(key, cancellationToken);

    public IAsyncEnumerable<BucketEntry> ListAsync(string directory, bool recursive, CancellationToken cancellationToken) =>
        directory.Length == 0 && _cache.IsAvailable
            ? ListRootAsync(recursive, cancellationToken)
            : _inner.ListAsync(directory, recursive, cancellationToken);

    /// <summary>Small files, such as marks, are at once what the cache has as well.</summary>
    public Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken) =>
        BucketCacheKeys.IsMetaFile(key) && _cache.IsAvailable
            ? _metaFiles.UploadAsync(key, content, condition, cancellationToken)
            : _inner.UploadAsync(key, content, condition, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => _inner.DeleteAsync(key, cancellationToken);

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    private async IAsyncEnumerable<BucketEntry> ListRootAsync(bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _metrics.Asked(BucketCacheMetrics.List, BucketCacheMetrics.Listing);
        string key = BucketCacheKeys.Listing("", recursive, _config.ConfigHash), own = BucketCacheKeys.OwnListing("", recursive, _config.ConfigHash);
        byte[]?[] found = await _cache.GetAsync([key, own], cancellationToken);
        BucketEntry[]? known = found[0] is { } names ? BucketCacheValues.ToDirectories(names) : null;
        known ??= found[1] is { } all ? BucketCacheValues.ToEntries(all) : null;
        if (known is not null)
        {
            _metrics.Served(BucketCacheMetrics.List, BucketCacheMetrics.Listing);
            foreach (BucketEntry entry in known) yield return entry;
            yield break;
        }

        long started = _time.GetTimestamp();
        var entries = new List<BucketEntry>();
        await foreach (BucketEntry entry in _inner.ListAsync("", recursive, cancellationToken))
        {
            entries.Add(entry);
            yield return entry;
        }

        TimeSpan ttl = _config.BlocksListTtl - _time.GetElapsedTime(started);
        if (entries.TrueForAll(e => e.IsDirectory)) _cache.Set(key, BucketCacheValues.OfNames(entries), ttl);
        else _cache.Set(own, BucketCacheValues.OfEntries(entries), ttl);
    }
}
