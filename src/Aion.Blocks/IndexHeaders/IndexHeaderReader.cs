using System.Buffers.Binary;
using Aion.Tsdb;

namespace Aion.Blocks;

/// <summary>Symbols and postings offsets of one block, from its index-header. Thread-safe until it is disposed.</summary>
public sealed class IndexHeaderReader : IDisposable
{
    private readonly MappedFile? _file;

    private IndexHeaderReader(ReadOnlyMemory<byte> content, int sampling, MappedFile? file)
    {
        _file = file;
        ReadOnlySpan<byte> bytes = content.Span;
        if (bytes.Length < IndexHeaderFile.HeadBytes + IndexHeaderFile.TocBytes || BinaryPrimitives.ReadUInt32BigEndian(bytes) != IndexHeaderFile.Magic)
            throw new TsdbCorruptionException(file?.Path ?? "", 0, "this is no index-header");
        if (bytes[4] != IndexHeaderFile.Version) throw new TsdbCorruptionException(file?.Path ?? "", 4, $"index-header version {bytes[4]} is not known");
        IndexVersion = bytes[5];
        ReadOnlySpan<byte> toc = bytes[^IndexHeaderFile.TocBytes..];
        if (Crc32C.Compute(toc[..16]) != BinaryPrimitives.ReadUInt32BigEndian(toc[16..]))
            throw new TsdbCorruptionException(file?.Path ?? "", bytes.Length - IndexHeaderFile.TocBytes, "checksum of the table of contents does not fit");
        long symbols = BinaryPrimitives.ReadInt64BigEndian(toc);
        long postings = BinaryPrimitives.ReadInt64BigEndian(toc[8..]);
        if (symbols != IndexHeaderFile.HeadBytes || postings <= symbols || postings >= bytes.Length - IndexHeaderFile.TocBytes)
            throw new TsdbCorruptionException(file?.Path ?? "", bytes.Length - IndexHeaderFile.TocBytes, "the sections of the index-header are out of order");
        // Both kinds of reference count from where the sections stand in the index, which is 5 for the symbols of every writer.
        Symbols = SymbolTable.Parse(content[(int)symbols..(int)postings], IndexVersion, IndexHeader.SizeBytes);
        Postings = PostingsOffsetTable.Parse(
            content[(int)postings..^IndexHeaderFile.TocBytes], IndexVersion, BinaryPrimitives.ReadInt64BigEndian(bytes[6..]), sampling);
    }

    /// <summary>1, 2 or 3: how the index counts symbols and series.</summary>
    public int IndexVersion { get; }

    public SymbolTable Symbols { get; }

    public PostingsOffsetTable Postings { get; }

    /// <exception cref="TsdbCorruptionException">The file is damaged; it can be built again.</exception>
    public static IndexHeaderReader Open(string path, int sampling)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new IndexHeaderReader(file.Slice(0, file.Length), sampling, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open"/>
    public static IndexHeaderReader Of(ReadOnlyMemory<byte> content, int sampling) => new(content, sampling, file: null);

    /// <summary>Where a series entry starts in the index, from its id.</summary>
    public long SeriesOffset(uint id) => IndexVersion == 1 ? id : (long)id * 16;

    public void Dispose() => _file?.Dispose();
}
