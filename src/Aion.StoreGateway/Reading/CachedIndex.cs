using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>The index cache as one request reads one block through it. What is found counts towards the request's limits as what is fetched.</summary>
internal sealed class CachedIndex(BucketBlock block, ReadContext context)
{
    /// <summary>Entries of series that lie in mapped memory are read from there: a copy of each would cost more than it saves.</summary>
    public bool Keeps(IndexItem item) => context.Cache?.Keeps(item) == true && (item != IndexItem.Series || block.IndexMap is null);

    /// <summary>The ids that the matchers are known to select; null when that is not known.</summary>
    public async ValueTask<uint[]?> ExpandedAsync(IndexCacheKey key, CancellationToken cancellationToken)
    {
        byte[]?[] found = await context.Cache!.GetAsync(IndexItem.ExpandedPostings, [key], context.Tenant, cancellationToken);
        if (found[0] is not { } value || Ids(value) is not { } ids) return null;
        context.Limits.Bytes(value.Length);
        context.Counters.Touched(ReadData.Postings, 1, value.Length);
        return ids;
    }

    public void SetExpanded(IndexCacheKey key, uint[] ids) =>
        context.Cache!.Set(IndexItem.ExpandedPostings, [(key, PostingsCodec.Encode<uint>(ids))], context.Tenant);

    /// <summary>Lists by where they start, cached or read now.</summary>
    public async Task<Dictionary<long, uint[]>> PostingsAsync(IReadOnlyList<ByteRange> ranges, CancellationToken cancellationToken)
    {
        IIndexCache cache = context.Cache!;
        IndexCacheKey[] keys = [.. ranges.Select(r => IndexCacheKey.Postings(block.Meta.Id, r.Start))];
        byte[]?[] found = await cache.GetAsync(IndexItem.Postings, keys, context.Tenant, cancellationToken);
        var lists = new Dictionary<long, uint[]>(ranges.Count);
        var missing = new List<ByteRange>();
        long bytes = 0;
        for (var i = 0; i < ranges.Count; i++)
        {
            if (found[i] is { } value && Ids(value) is { } ids)
            {
                bytes += value.Length;
                lists[ranges[i].Start] = ids;
            }
            else
            {
                bytes += ranges[i].Length;
                missing.Add(ranges[i]);
            }
        }

        context.Limits.Bytes(bytes);
        context.Counters.Touched(ReadData.Postings, ranges.Count - missing.Count, bytes - missing.Sum(r => r.Length));
        if (missing.Count == 0) return lists;
        ReadOnlyMemory<byte>[] read = await RangeFetcher.FetchAsync(new BlockObject(block, null), missing, cancellationToken);
        context.Counters.Fetched(ReadData.Postings, missing.Count, missing.Sum(r => r.Length));
        var added = new (IndexCacheKey, byte[])[missing.Count];
        for (var i = 0; i < missing.Count; i++)
        {
            uint[] ids = PostingsList.Parse(read[i].Span);
            lists[missing[i].Start] = ids;
            added[i] = (IndexCacheKey.Postings(block.Meta.Id, missing[i].Start), PostingsCodec.Encode<uint>(ids));
        }

        cache.Set(IndexItem.Postings, added, context.Tenant);
        return lists;
    }

    /// <summary>Bodies of the series entries that start there, or null.</summary>
    public async ValueTask<byte[]?[]> SeriesAsync(ByteRange[] ranges, CancellationToken cancellationToken)
    {
        var keys = new IndexCacheKey[ranges.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = IndexCacheKey.Series(block.Meta.Id, ranges[i].Start);
        byte[]?[] found = await context.Cache!.GetAsync(IndexItem.Series, keys, context.Tenant, cancellationToken);
        int items = 0;
        long bytes = 0;
        foreach (byte[]? body in found)
        {
            if (body is null) continue;
            items++;
            bytes += body.Length;
        }

        context.Limits.Bytes(bytes);
        context.Counters.Touched(ReadData.Series, items, bytes);
        return found;
    }

    public void SetSeries(IReadOnlyList<(IndexCacheKey Key, byte[] Body)> bodies) => context.Cache!.Set(IndexItem.Series, bodies, context.Tenant);

    /// <summary>Null when the value is no list of ids; then it is read from the bucket.</summary>
    private static uint[]? Ids(byte[] value)
    {
        try
        {
            return PostingsCodec.Decode<uint>(value);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
