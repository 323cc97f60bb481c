using Aion.Model;
using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.Blocks;

/// <summary>
/// The part of a block's index that every query needs, kept on local disk: the symbols and the postings offset table, as they stand
/// in the index, between a 14-byte head and a table of contents (format notes F-11). The file is the one that Thanos writes and reads.
/// </summary>
public static class IndexHeaderFile
{
    public const string FileName = "index-header";

    internal const uint Magic = 0xBAAAD792;
    internal const byte Version = 1;
    internal const int HeadBytes = 14;
    internal const int TocBytes = 2 * sizeof(ulong) + sizeof(uint);

    /// <summary>The shortest file that can be whole; a shorter one need not be opened to be known as damaged.</summary>
    public const int LeastBytes = HeadBytes + TocBytes;

    /// <summary>Builds the file's content from a block in a bucket, by ranged reads of its index.</summary>
    /// <param name="indexBytes">How long the index is according to the block's meta.json; 0 = not known, which costs one request more.</param>
    /// <exception cref="TsdbCorruptionException">The index is damaged.</exception>
    /// <exception cref="BucketException">The index could not be read.</exception>
    public static Task<byte[]> BuildAsync(IBucket bucket, BlockId block, long indexBytes, CancellationToken cancellationToken) =>
        new IndexHeaderBuilder(bucket, BlockLayout.IndexKey(block)).BuildAsync(indexBytes, cancellationToken);
}
