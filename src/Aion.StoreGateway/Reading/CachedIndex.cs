using Aion.Blocks;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>The index cache as one request reads one block through it. What is found counts towards the request's limits as what is fetched.</summary>
internal sealed class CachedIndex(BucketBlock block, IndexHeaderReader header, ReadContext context)
{
    private readonly SeriesEntry _scratch = new();
    private string[]? _colonNames;

    /// <summary>Series entries of files of this machine are read from there: a copy of each would cost more than it saves.</summary>
    public bool Keeps(IndexItem item) => context.Cache?.Keeps(item) == true && (item != IndexItem.Series || !block.IsLocal);

    /// <summary>The ids that the matchers are known to select; null when that is not known.</summary>
    public async ValueTask<uint[]?> ExpandedAsync(IndexCacheKey key, CancellationToken cancellationToken)
    {
        byte[]?[] found = await context.Cache!.GetAsync(IndexItem.ExpandedPostings, [key], context.Tenant, cancellationToken);
        if (found[0] is not { } value || context.Counters.Decode(value) is not { } ids) return null;
        context.Limits.Bytes(value.Length);
        context.Counters.Touched(ReadData.Postings, 1, value.Length);
        return ids;
    }

    public void SetExpanded(IndexCacheKey key, uint[] ids) =>
        context.Cache!.Set(IndexItem.ExpandedPostings, [(key, context.Counters.Encode(ids))], context.Tenant);

    /// <summary>Lists by where they start, cached or read now.</summary>
    /// <param name="entries">Ascending by where they start, each once.</param>
    public async Task<Dictionary<long, uint[]>> PostingsAsync(IReadOnlyList<PostingsEntry> entries, CancellationToken cancellationToken)
    {
        IIndexCache cache = context.Cache!;
        IndexCacheKey[] keys = KeysOf(entries);
        byte[]?[] found = await cache.GetAsync(IndexItem.Postings, keys, context.Tenant, cancellationToken);
        var lists = new Dictionary<long, uint[]>(entries.Count);
        var missing = new List<int>();
        long touched = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            if (found[i] is { } value && context.Counters.Decode(value) is { } ids)
            {
                touched += value.Length;
                lists[keys[i].Offset] = ids;
            }
            else
            {
                missing.Add(i);
            }
        }

        ByteRange[] ranges = [.. missing.Select(i => new ByteRange(entries[i].Range.Start, entries[i].Range.End))];
        long bytes = ranges.Sum(r => r.Length);
        context.Limits.Bytes(touched + bytes);
        context.Counters.Touched(ReadData.Postings, keys.Length - missing.Count, touched);
        if (missing.Count == 0) return lists;
        using FetchedRanges read = await RangeFetcher.FetchAsync(block, ranges, context, PostingsReader.Purpose, cancellationToken);
        context.Counters.Fetched(ReadData.Postings, missing.Count, bytes);
        var added = new (IndexCacheKey, byte[])[missing.Count];
        for (var i = 0; i < missing.Count; i++)
        {
            uint[] ids = PostingsReader.Parse(block, read[i].Span, ranges[i].Start);
            lists[ranges[i].Start] = ids;
            added[i] = (keys[missing[i]], context.Counters.Encode(ids));
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
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } body) continue;
            if (!context.Cache.IsTrusted && !block.CanHold(body, header.Symbols, _scratch))
            {
                found[i] = null;
                continue;
            }

            items++;
            bytes += body.Length;
        }

        context.Limits.Bytes(bytes);
        context.Counters.Touched(ReadData.Series, items, bytes);
        return found;
    }

    private IndexCacheKey[] KeysOf(IReadOnlyList<PostingsEntry> entries)
    {
        _colonNames ??= [.. header.Postings.LabelNames.Where(n => n.Contains(':', StringComparison.Ordinal))];
        var keys = new IndexCacheKey[entries.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = IndexCacheKey.Postings(block.Meta.Id, entries[i], !SharedCacheKeys.IsAmbiguous(entries[i].Name, _colonNames));
        return keys;
    }

    public void SetSeries(IReadOnlyList<(IndexCacheKey Key, byte[] Body)> bodies) => context.Cache!.Set(IndexItem.Series, bodies, context.Tenant);
}
