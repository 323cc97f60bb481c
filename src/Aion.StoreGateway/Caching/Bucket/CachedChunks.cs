using Aion.Caching;
using Aion.ObjectStorage;

namespace Aion.StoreGateway;

/// <summary>Segment files of chunks through a cache: their sizes, and their bytes in pieces of one size.</summary>
/// <param name="looksUp">False: reads from the bucket and puts what it read in place of what is cached.</param>
internal sealed class CachedChunks(IBucket bucket, ICache cache, CachingBucketConfig config, BucketCacheMetrics metrics, bool looksUp)
{
    public async Task<ObjectAttributes> AttributesAsync(string name, CancellationToken cancellationToken)
    {
        metrics.Asked(BucketCacheMetrics.Attributes, BucketCacheMetrics.Chunks);
        string key = BucketCacheKeys.Attributes(name);
        if (looksUp)
        {
            byte[]?[] found = await cache.GetAsync([key], cancellationToken);
            if (found[0] is { } value && BucketCacheValues.ToAttributes(value) is { } known)
            {
                metrics.Served(BucketCacheMetrics.Attributes, BucketCacheMetrics.Chunks);
                return known;
            }
        }

        ObjectAttributes attributes = await bucket.AttributesAsync(name, cancellationToken);
        cache.Set(key, BucketCacheValues.OfAttributes(attributes), config.ChunkObjectAttributesTtl);
        return attributes;
    }

    public async Task<Stream> GetRangeAsync(string name, long offset, long length, CancellationToken cancellationToken)
    {
        metrics.Asked(BucketCacheMetrics.GetRange, BucketCacheMetrics.Chunks);
        metrics.Requested(length);
        long size = (await AttributesAsync(name, cancellationToken)).SizeBytes;
        if (offset >= size) return Stream.Null;
        length = Math.Min(length, size - offset);
        ByteRange[] pieces = Subranges.Of(offset, length, config.ChunkSubrangeBytes, size);
        byte[]?[] values = await LookUpAsync(name, pieces, cancellationToken);
        int[] missing = [.. Enumerable.Range(0, pieces.Length).Where(i => values[i] is null)];
        metrics.Served(BucketCacheMetrics.GetRange, BucketCacheMetrics.Chunks, 1 - (double)missing.Length / pieces.Length);
        try
        {
            await Task.WhenAll(Subranges.Reads(missing, config.MaxChunksGetRangeRequests)
                .Select(read => ReadAsync(name, pieces, values, read.First, read.Last, cancellationToken)));
        }
        catch (EndOfStreamException)
        {
            // The object is not as long as the cache said.
            return await bucket.GetRangeAsync(name, offset, length, cancellationToken);
        }

        return new PiecesStream(values, offset - pieces[0].Start, length);
    }

    private async Task<byte[]?[]> LookUpAsync(string name, ByteRange[] pieces, CancellationToken cancellationToken)
    {
        if (!looksUp) return new byte[]?[pieces.Length];
        byte[]?[] values = await cache.GetAsync([.. pieces.Select(p => BucketCacheKeys.Subrange(name, p.Start, p.End))], cancellationToken);
        long bytes = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            if (value.Length == pieces[i].Length) bytes += value.Length;
            else values[i] = null;
        }

        metrics.FromCache(bytes);
        return values;
    }

    private async Task ReadAsync(string name, ByteRange[] pieces, byte[]?[] values, int first, int last, CancellationToken cancellationToken)
    {
        long start = pieces[first].Start;
        await using Stream stream = await bucket.GetRangeAsync(name, start, pieces[last].End - start, cancellationToken);
        for (int i = first; i <= last; i++)
        {
            byte[] piece = GC.AllocateUninitializedArray<byte>((int)pieces[i].Length);
            await stream.ReadExactlyAsync(piece, cancellationToken);
            if (values[i] is not null)
            {
                metrics.Again(piece.Length);
                continue;
            }

            metrics.FromBucket(piece.Length);
            values[i] = piece;
            cache.Set(BucketCacheKeys.Subrange(name, pieces[i].Start, pieces[i].End), piece, config.ChunkSubrangeTtl);
        }
    }
}
