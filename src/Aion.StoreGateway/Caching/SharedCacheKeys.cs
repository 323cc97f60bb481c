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
    /// Whether another pair of the block's index has the same key. Name and value are joined by a colon before they are hashed, so
    /// <c>a:b</c>, <c>c</c> and <c>a</c>, <c>b:c</c> share theirs: neither list may be kept under it, nor taken from it.
    /// </summary>
    /// <param name="colonNames">The block's label names that hold a colon.</param>
    public static bool IsAmbiguous(string name, IReadOnlyList<string> colonNames)
    {
        if (name.Contains(':', StringComparison.Ordinal)) return true;
        foreach (string other in colonNames)
            if (other.Length > name.Length && other[name.Length] == ':' && other.StartsWith(name, StringComparison.Ordinal)) return true;
        return false;
    }

    /// <summary>The key of one postings list; of an unambiguous one only.</summary>
    public static string Postings(BlockId block, string name, ReadOnlySpan<byte> value)
    {
        var text = new byte[Encoding.UTF8.GetByteCount(name) + 1 + value.Length];
        int at = Encoding.UTF8.GetBytes(name, text);
        text[at] = (byte)':';
        value.CopyTo(text.AsSpan(at + 1));
        return $"P:{block}:{HashOf(text)}{Codec}";
    }

    /// <summary>A key of our own for one postings list, which no other program looks for.</summary>
    /// <param name="offset">Where the list starts in the index.</param>
    public static string OwnPostings(BlockId block, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"aion:P:{block}:{offset}{Codec}");

    /// <summary>The key of the series that all matchers select together.</summary>
    /// <param name="matchers">Their text, see <see cref="TextOf"/>.</param>
    public static string ExpandedPostings(BlockId block, string matchers) => $"EP:{block}:{HashOf(Encoding.UTF8.GetBytes(matchers))}{Codec}";

    /// <param name="offset">Where the series entry starts in the index; equal to its id in a version 1 index.</param>
    public static string Series(BlockId block, ulong offset) => string.Create(CultureInfo.InvariantCulture, $"S:{block}:{offset}");

    public static string TextOf(IEnumerable<LabelMatcher> matchers) => string.Join(';', matchers);

    private static string HashOf(byte[] text) => Base64Url.EncodeToString(Blake2b.Hash(text));
}
