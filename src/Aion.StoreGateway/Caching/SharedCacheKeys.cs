using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Aion.Model;

namespace Aion.StoreGateway;

/// <summary>The keys under which index items stand in a cache that several processes share (format notes F-12.1).</summary>
internal static class SharedCacheKeys
{
    private const string Codec = ":dss";

    /// <summary>
    /// The key of one postings list. Name and value are joined by a colon before they are hashed, so names that hold a colon
    /// share keys with others: such lists must not be kept under it.
    /// </summary>
    public static string Postings(BlockId block, string name, string value) => $"P:{block}:{HashOf($"{name}:{value}")}{Codec}";

    /// <summary>The key of the series that all matchers select together, in the order given.</summary>
    public static string ExpandedPostings(BlockId block, IEnumerable<LabelMatcher> matchers) => $"EP:{block}:{HashOf(TextOf(matchers))}{Codec}";

    /// <param name="offset">Where the series entry starts in the index; equal to its id in a version 1 index.</param>
    public static string Series(BlockId block, ulong offset) => string.Create(CultureInfo.InvariantCulture, $"S:{block}:{offset}");

    public static string TextOf(IEnumerable<LabelMatcher> matchers) => string.Join(';', matchers);

    private static string HashOf(string text) => Base64Url.EncodeToString(Blake2b.Hash(Encoding.UTF8.GetBytes(text)));
}
