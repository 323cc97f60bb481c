using Aion.Model;

namespace Aion.StoreGateway;

/// <summary>What of an index is cached; the names are those of the configuration and of the metrics.</summary>
internal enum IndexItem
{
    Postings,
    Series,
    ExpandedPostings,
}

/// <summary>
/// What one cached item is. A block never changes, so where a list or an entry starts in its index says which one it is; expanded postings
/// are told by the text of their matchers.
/// </summary>
internal readonly record struct IndexCacheKey(IndexItem Item, BlockId Block, long Offset, string Matchers)
{
    public static IndexCacheKey Postings(BlockId block, long start) => new(IndexItem.Postings, block, start, "");

    public static IndexCacheKey Series(BlockId block, long start) => new(IndexItem.Series, block, start, "");

    /// <summary>The order of the matchers does not matter.</summary>
    public static IndexCacheKey Expanded(BlockId block, IEnumerable<LabelMatcher> matchers) => new(
        IndexItem.ExpandedPostings, block, 0,
        SharedCacheKeys.TextOf(matchers.OrderBy(m => m.Type).ThenBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Value, StringComparer.Ordinal)));
}

/// <summary>Keeps parts of indexes. Thread-safe. It may forget anything at any time and never fails.</summary>
internal interface IIndexCache
{
    /// <summary>False when nothing of this kind is kept, so that nobody has to prepare keys or values.</summary>
    bool Keeps(IndexItem item);

    /// <summary>Looks up keys of one kind.</summary>
    /// <returns>Per key its value, which nobody may change, or null.</returns>
    ValueTask<byte[]?[]> GetAsync(IndexItem item, IReadOnlyList<IndexCacheKey> keys, string tenant, CancellationToken cancellationToken);

    /// <summary>Hands over values; they belong to the cache from here on.</summary>
    void Set(IndexItem item, IReadOnlyList<(IndexCacheKey Key, byte[] Value)> items, string tenant);
}
