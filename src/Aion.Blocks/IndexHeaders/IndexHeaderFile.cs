using System.Buffers.Binary;
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

    /// <summary>More would be no index that any writer makes; guards the memory of whoever reads an untrusted bucket.</summary>
    private const long MaxSectionBytes = 1L << 30;

    /// <summary>Builds the file's content from a block in a bucket, by ranged reads of its index.</summary>
    /// <exception cref="TsdbCorruptionException">The index is damaged.</exception>
    /// <exception cref="BucketException">The index could not be read.</exception>
    public static async Task<byte[]> BuildAsync(IBucket bucket, BlockId block, CancellationToken cancellationToken)
    {
        string key = BlockLayout.IndexKey(block);
        long size = (await bucket.AttributesAsync(key, cancellationToken)).SizeBytes;
        byte[] head = await ReadAsync(bucket, key, 0, Math.Min(size, IndexHeader.SizeBytes), cancellationToken);
        int indexVersion = IndexHeader.ParseVersion(head);
        if (size < IndexHeader.SizeBytes + IndexToc.SizeBytes) throw new TsdbCorruptionException(key, 0, $"an index of {size} bytes is cut off");
        IndexToc toc = IndexToc.Parse(await ReadAsync(bucket, key, size - IndexToc.SizeBytes, IndexToc.SizeBytes, cancellationToken));
        long symbols = Checked(key, toc.Symbols, toc.Series, "symbols");
        long postings = Checked(key, toc.PostingsTable, size, "postings offset table");
        if (toc.Symbols < IndexHeader.SizeBytes || toc.PostingsTable < toc.Series)
            throw new TsdbCorruptionException(key, size - IndexToc.SizeBytes, "the sections of the index are out of order");

        var content = new byte[HeadBytes + symbols + postings + TocBytes];
        BinaryPrimitives.WriteUInt32BigEndian(content, Magic);
        content[4] = Version;
        content[5] = (byte)indexVersion;
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(6), toc.PostingsTable);
        await FillAsync(bucket, key, toc.Symbols, content.AsMemory(HeadBytes, (int)symbols), cancellationToken);
        await FillAsync(bucket, key, toc.PostingsTable, content.AsMemory(HeadBytes + (int)symbols, (int)postings), cancellationToken);
        Span<byte> end = content.AsSpan(content.Length - TocBytes);
        BinaryPrimitives.WriteInt64BigEndian(end, HeadBytes);
        BinaryPrimitives.WriteInt64BigEndian(end[8..], HeadBytes + symbols);
        BinaryPrimitives.WriteUInt32BigEndian(end[16..], Crc32C.Compute(end[..16]));
        return content;
    }

    private static long Checked(string key, long start, long end, string section)
    {
        long length = end - start;
        if (start < 0 || length <= 0 || length > MaxSectionBytes)
            throw new TsdbCorruptionException(key, start, $"the {section} of the index take {length} bytes");
        return length;
    }

    private static async Task<byte[]> ReadAsync(IBucket bucket, string key, long offset, long length, CancellationToken cancellationToken)
    {
        var bytes = new byte[length];
        await FillAsync(bucket, key, offset, bytes, cancellationToken);
        return bytes;
    }

    private static async Task FillAsync(IBucket bucket, string key, long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        int read = await bucket.ReadRangeAsync(key, offset, target, cancellationToken);
        if (read != target.Length) throw new TsdbCorruptionException(key, offset + read, $"the object ends {target.Length - read} bytes too early");
    }
}
