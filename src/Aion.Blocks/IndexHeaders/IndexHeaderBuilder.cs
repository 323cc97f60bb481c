using System.Buffers.Binary;
using Aion.ObjectStorage;
using Aion.Tsdb;

namespace Aion.Blocks;

/// <summary>
/// Cuts an index-header out of an index that lies in a bucket. The end of the index is read first, generously: it holds the table of
/// contents, and of a small block everything. What is missing then is read at once, so a build takes two dependent round trips at most.
/// </summary>
internal sealed class IndexHeaderBuilder(IBucket bucket, string key)
{
    private const int TailBytes = 256 * 1024;

    /// <summary>Reads longer than this are parted and run side by side.</summary>
    private const int PartBytes = 16 * 1024 * 1024;

    /// <summary>More would be no index that any writer makes; guards the memory of whoever reads an untrusted bucket.</summary>
    private const long MaxSectionBytes = 1L << 30;

    public async Task<byte[]> BuildAsync(long statedBytes, CancellationToken cancellationToken)
    {
        if (statedBytes > 0)
        {
            try
            {
                return await BuildOfSizeAsync(statedBytes, cancellationToken);
            }
            catch (TsdbCorruptionException)
            {
                // The meta may be wrong about the size; if the index really is damaged, the second attempt says so.
            }
        }

        return await BuildOfSizeAsync((await bucket.AttributesAsync(key, cancellationToken)).SizeBytes, cancellationToken);
    }

    private async Task<byte[]> BuildOfSizeAsync(long size, CancellationToken cancellationToken)
    {
        if (size < IndexHeader.SizeBytes + IndexToc.SizeBytes) throw new TsdbCorruptionException(key, 0, $"an index of {size} bytes is cut off");
        var tail = new byte[(int)Math.Min(size, TailBytes)];
        long tailStart = size - tail.Length;
        await FillAsync(tailStart, tail, cancellationToken);
        IndexToc toc = ParseToc(tail, size);
        long symbols = Checked(toc.Symbols, toc.Series, "symbols");
        long postings = Checked(toc.PostingsTable, size, "postings offset table");
        if (toc.Symbols < IndexHeader.SizeBytes || toc.PostingsTable < toc.Series)
            throw new TsdbCorruptionException(key, size - IndexToc.SizeBytes, "the sections of the index are out of order");

        // The index's own head goes where the header's will, so that it comes with the symbols, which every writer puts right behind it.
        var content = new byte[IndexHeaderFile.HeadBytes + symbols + postings + IndexHeaderFile.TocBytes];
        var head = new byte[IndexHeader.SizeBytes];
        Memory<byte> symbolsPart = content.AsMemory(IndexHeaderFile.HeadBytes, (int)symbols);
        Memory<byte> postingsPart = content.AsMemory(IndexHeaderFile.HeadBytes + (int)symbols, (int)postings);
        await Task.WhenAll(
            FromTailOrBucketAsync(toc.PostingsTable, postingsPart, tail, tailStart, cancellationToken),
            toc.Symbols == IndexHeader.SizeBytes
                ? WithHeadAsync(head, content.AsMemory(IndexHeaderFile.HeadBytes - head.Length, head.Length + (int)symbols), tail, tailStart, cancellationToken)
                : Task.WhenAll(
                    FromTailOrBucketAsync(0, head, tail, tailStart, cancellationToken),
                    FromTailOrBucketAsync(toc.Symbols, symbolsPart, tail, tailStart, cancellationToken)));
        WriteFrame(content, ParseVersion(head), toc.PostingsTable, symbols);
        return content;
    }

    private static void WriteFrame(byte[] content, int indexVersion, long postingsTable, long symbols)
    {
        BinaryPrimitives.WriteUInt32BigEndian(content, IndexHeaderFile.Magic);
        content[4] = IndexHeaderFile.Version;
        content[5] = (byte)indexVersion;
        BinaryPrimitives.WriteInt64BigEndian(content.AsSpan(6), postingsTable);
        Span<byte> end = content.AsSpan(content.Length - IndexHeaderFile.TocBytes);
        BinaryPrimitives.WriteInt64BigEndian(end, IndexHeaderFile.HeadBytes);
        BinaryPrimitives.WriteInt64BigEndian(end[8..], IndexHeaderFile.HeadBytes + symbols);
        BinaryPrimitives.WriteUInt32BigEndian(end[16..], Crc32C.Compute(end[..16]));
    }

    private async Task WithHeadAsync(byte[] head, Memory<byte> headAndSymbols, byte[] tail, long tailStart, CancellationToken cancellationToken)
    {
        await FromTailOrBucketAsync(0, headAndSymbols, tail, tailStart, cancellationToken);
        headAndSymbols[..head.Length].CopyTo(head);
    }

    private Task FromTailOrBucketAsync(long offset, Memory<byte> target, byte[] tail, long tailStart, CancellationToken cancellationToken)
    {
        if (offset < tailStart) return FillPartsAsync(offset, target, cancellationToken);
        tail.AsMemory((int)(offset - tailStart), target.Length).CopyTo(target);
        return Task.CompletedTask;
    }

    private async Task FillPartsAsync(long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        var parts = new List<Task>();
        for (int at = 0; at < target.Length; at += PartBytes)
            parts.Add(FillAsync(offset + at, target.Slice(at, Math.Min(PartBytes, target.Length - at)), cancellationToken));
        await Task.WhenAll(parts);
    }

    private async Task FillAsync(long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        int read = await bucket.ReadRangeAsync(key, offset, target, cancellationToken);
        if (read != target.Length) throw new TsdbCorruptionException(key, offset + read, $"the object ends {target.Length - read} bytes too early");
    }

    private IndexToc ParseToc(byte[] tail, long size)
    {
        try
        {
            return IndexToc.Parse(tail);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(key, size - IndexToc.SizeBytes);
        }
    }

    private int ParseVersion(byte[] head)
    {
        try
        {
            return IndexHeader.ParseVersion(head);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(key, 0);
        }
    }

    private long Checked(long start, long end, string section)
    {
        long length = end - start;
        if (start < 0 || length <= 0 || length > MaxSectionBytes)
            throw new TsdbCorruptionException(key, start, $"the {section} of the index take {length} bytes");
        return length;
    }
}
