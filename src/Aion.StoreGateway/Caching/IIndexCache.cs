using Aion.Model;
using Aion.Tsdb;

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
    /// <summary>
    /// Of postings: the pair whose series they list, under which other processes know them; no part of what tells two keys apart. Null
    /// where that name is not safe, see <see cref="SharedCacheKeys.IsAmbiguous"/>.
    /// </summary>
    public PostingsEntry? Pair { get; private init; }

    /// <param name="shared">False when other processes may know another list by the pair's name.</param>
    public static IndexCacheKey Postings(BlockId block, PostingsEntry entry, bool shared) =>
        new(IndexItem.Postings, block, entry.Range.Start, "") { Pair = shared ? entry : null };

    public static IndexCacheKey Series(BlockId block, long start) => new(IndexItem.Series, block, start, "");

    /// <summary>The order of the matchers does not matter.</summary>
    public static IndexCacheKey Expanded(BlockId block, IEnumerable<LabelMatcher> matchers) => new(
        IndexItem.ExpandedPostings, block, 0,
        SharedCacheKeys.TextOf(matchers.OrderBy(m => m.Type).ThenBy(m => m.Name, Comparer).ThenBy(m => m.Value, Comparer)));

    /// <summary>The key in a cache that several processes share.</summary>
    public string SharedName() => Item switch
    {
        IndexItem.Series => SharedCacheKeys.Series(Block, (ulong)Offset),
        IndexItem.ExpandedPostings => SharedCacheKeys.ExpandedPostings(Block, Matchers),
        _ => Pair is { } pair ? SharedCacheKeys.Postings(Block, pair.Name, pair.Value.Span) : SharedCacheKeys.OwnPostings(Block, Offset),
    };

    public IndexCacheKey WithoutPair() => Pair is null ? this : this with { Pair = null };

    public bool Equals(IndexCacheKey other) =>
        Offset == other.Offset && Item == other.Item && Block == other.Block && string.Equals(Matchers, other.Matchers, StringComparison.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Item, Block, Offset, Matchers);

    private static Comparer<string> Comparer { get; } = Comparer<string>.Create(Utf8Text.CompareByBytes);
}

/// <summary>Keeps parts of indexes. Thread-safe. It may forget anything at any time and never fails.</summary>
internal interface IIndexCache : IAsyncDisposable
{
    /// <summary>False when nothing of this kind is kept, or not now, so that nobody has to prepare keys or values.</summary>
    bool Keeps(IndexItem item);

    /// <summary>
    /// True when what comes back is what this process handed over. Otherwise any value may be damaged or another's, and counts as not
    /// found when it can't be right.
    /// </summary>
    bool IsTrusted { get; }

    /// <summary>Looks up keys of one kind.</summary>
    /// <returns>Per key its value, which nobody may change, or null.</returns>
    ValueTask<byte[]?[]> GetAsync(IndexItem item, IReadOnlyList<IndexCacheKey> keys, string tenant, CancellationToken cancellationToken);

    /// <summary>Hands over values; they belong to the cache from here on.</summary>
    void Set(IndexItem item, IReadOnlyList<(IndexCacheKey Key, byte[] Value)> items, string tenant);
}
