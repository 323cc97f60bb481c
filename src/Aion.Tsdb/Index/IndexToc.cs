using System.Buffers.Binary;

namespace Aion.Tsdb;

/// <summary>The head of an index file.</summary>
public static class IndexHeader
{
    public const uint Magic = 0xBAAAD700;
    public const int SizeBytes = 5;

    /// <summary>Reads the version: 1, 2 or 3.</summary>
    /// <exception cref="TsdbCorruptionException">Too short, another magic number, or a version that is not known.</exception>
    public static int ParseVersion(ReadOnlySpan<byte> head)
    {
        if (head.Length < SizeBytes) TsdbCorruptionException.Throw(head.Length, "index: the header is cut off");
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (magic != Magic) TsdbCorruptionException.Throw(0, $"index: magic number {magic:x8}, expected {Magic:x8}");
        int version = head[4];
        if (version is < 1 or > 3) TsdbCorruptionException.Throw(4, $"index: version {version} is not known");
        return version;
    }
}

/// <summary>The table of contents at the end of an index: byte offsets of its sections, 0 = absent (format notes F-4.9).</summary>
public readonly record struct IndexToc(
    long Symbols, long Series, long LabelIndices, long LabelIndicesTable, long Postings, long PostingsTable)
{
    public const int SizeBytes = 6 * sizeof(ulong) + sizeof(uint);

    /// <param name="bytes">The last bytes of the index; only the last <see cref="SizeBytes"/> are read.</param>
    /// <exception cref="TsdbCorruptionException">Too short, or the checksum does not fit. Offsets are not yet compared with the file's
    /// size.</exception>
    public static IndexToc Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SizeBytes) TsdbCorruptionException.Throw(0, $"index: {bytes.Length} bytes have no table of contents");
        bytes = bytes[^SizeBytes..];
        ReadOnlySpan<byte> body = bytes[..^sizeof(uint)];
        if (Crc32C.Compute(body) != BinaryPrimitives.ReadUInt32BigEndian(bytes[body.Length..]))
            TsdbCorruptionException.Throw(0, "index: checksum of the table of contents does not fit");
        return new IndexToc(At(body, 0), At(body, 1), At(body, 2), At(body, 3), At(body, 4), At(body, 5));
    }

    public void Write(Span<byte> target)
    {
        ReadOnlySpan<long> offsets = [Symbols, Series, LabelIndices, LabelIndicesTable, Postings, PostingsTable];
        for (var i = 0; i < offsets.Length; i++) BinaryPrimitives.WriteInt64BigEndian(target[(i * sizeof(long))..], offsets[i]);
        BinaryPrimitives.WriteUInt32BigEndian(target[(SizeBytes - sizeof(uint))..], Crc32C.Compute(target[..(SizeBytes - sizeof(uint))]));
    }

    private static long At(ReadOnlySpan<byte> body, int index) => BinaryPrimitives.ReadInt64BigEndian(body[(index * sizeof(long))..]);
}

/// <summary>Sections of the form: length as four bytes, body, checksum of the body.</summary>
public static class IndexSection
{
    public const int OverheadBytes = 2 * sizeof(uint);

    /// <summary>The body of the section that starts the bytes; more bytes may follow.</summary>
    /// <param name="bytes">From the section's length field on.</param>
    /// <param name="name">What the section is called in errors.</param>
    /// <exception cref="TsdbCorruptionException">Cut off, or the checksum does not fit.</exception>
    public static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> bytes, string name) =>
        bytes.Slice(sizeof(uint), CheckedLength(bytes.Span, name));

    /// <inheritdoc cref="Body(ReadOnlyMemory{byte},string)"/>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> bytes, string name) => bytes.Slice(sizeof(uint), CheckedLength(bytes, name));

    private static int CheckedLength(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < OverheadBytes) TsdbCorruptionException.Throw(0, $"index: {name} is cut off");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (length > bytes.Length - OverheadBytes)
            TsdbCorruptionException.Throw(0, $"index: {name} of {length} bytes does not fit in the {bytes.Length - OverheadBytes} there are");
        ReadOnlySpan<byte> body = bytes.Slice(sizeof(uint), (int)length);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(bytes[(sizeof(uint) + (int)length)..]);
        if (Crc32C.Compute(body) != checksum) TsdbCorruptionException.Throw(0, $"index: checksum of {name} does not fit");
        return (int)length;
    }
}
