using Aion.Caching;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>The small files of blocks through a cache: whether they are there, and what they say.</summary>
internal sealed class CachedMetaFiles(IBucket bucket, ICache cache, CachingBucketConfig config, BucketCacheMetrics metrics, TimeProvider time)
{
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken)
    {
        metrics.Asked(BucketCacheMetrics.Exists, BucketCacheMetrics.MetaFiles);
        string key = BucketCacheKeys.Exists(name);
        byte[]?[] found = await cache.GetAsync([key], cancellationToken);
        if (found[0] is { } value && BucketCacheValues.ToExists(value) is { } known)
        {
            metrics.Served(BucketCacheMetrics.Exists, BucketCacheMetrics.MetaFiles);
            return known;
        }

        long started = time.GetTimestamp();
        bool exists = await bucket.ExistsAsync(name, cancellationToken);
        Remember(key, exists, started);
        return exists;
    }

    /// <summary>Null when it is absent.</summary>
    public async Task<Stream?> TryGetAsync(string name, CancellationToken cancellationToken)
    {
        metrics.Asked(BucketCacheMetrics.Get, BucketCacheMetrics.MetaFiles);
        string contentKey = BucketCacheKeys.Content(name), existsKey = BucketCacheKeys.Exists(name);
        byte[]?[] found = await cache.GetAsync([contentKey, existsKey], cancellationToken);
        if (found[0] is { } content && (cache.IsTrusted || BucketCacheValues.IsJson(content)))
        {
            metrics.Served(BucketCacheMetrics.Get, BucketCacheMetrics.MetaFiles);
            return new MemoryStream(content, writable: false);
        }

        if (found[1] is { } exists && BucketCacheValues.ToExists(exists) == false)
        {
            metrics.Served(BucketCacheMetrics.Get, BucketCacheMetrics.MetaFiles);
            return null;
        }

        long started = time.GetTimestamp();
        Stream? stream = await bucket.TryGetAsync(name, cancellationToken);
        Remember(existsKey, stream is not null, started);
        return stream is null ? null : await KeepAsync(contentKey, stream, started, cancellationToken);
    }

    public async Task UploadAsync(string name, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await content.CopyToAsync(whole, cancellationToken);
        byte[] value = whole.ToArray();
        long started = time.GetTimestamp();
        await bucket.UploadAsync(name, new MemoryStream(value, writable: false), condition, cancellationToken);
        Remember(BucketCacheKeys.Exists(name), true, started);
        cache.Set(BucketCacheKeys.Content(name), value, config.MetaFileContentTtl - time.GetElapsedTime(started));
    }

    private async Task<Stream> KeepAsync(string key, Stream stream, long started, CancellationToken cancellationToken)
    {
        var head = new MemoryStream();
        try
        {
            var block = new byte[8 * 1024];
            while (head.Length <= config.MetaFileMaxBytes)
            {
                int read = await stream.ReadAsync(block, cancellationToken);
                if (read == 0)
                {
                    await stream.DisposeAsync();
                    byte[] whole = head.ToArray();
                    cache.Set(key, whole, config.MetaFileContentTtl - time.GetElapsedTime(started));
                    return new MemoryStream(whole, writable: false);
                }

                head.Write(block, 0, read);
            }
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        head.Position = 0;
        return new HeadAndRestStream(head, stream);
    }

    private void Remember(string key, bool exists, long started) => cache.Set(
        key, BucketCacheValues.OfExists(exists),
        (exists ? config.MetaFileExistsTtl : config.MetaFileAbsentTtl) - time.GetElapsedTime(started));
}
