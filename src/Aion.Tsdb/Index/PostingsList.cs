using System.Buffers.Binary;

namespace Aion.Tsdb;

/// <summary>A list of series ids, ascending, as the index stores it (format notes F-4.6).</summary>
public static class PostingsList
{
    /// <summary>
    /// Reads the list that starts with its count: the bytes of a <see cref="PostingsRange"/>, or four more for the checksum.
    /// </summary>
    /// <param name="bytes">From the count on. Where the checksum's bytes are among them, it is checked.</param>
    /// <exception cref="TsdbCorruptionException">Cut off, a checksum that does not fit, or ids that do not ascend.</exception>
    public static uint[] Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(uint)) TsdbCorruptionException.Throw(0, "index: a postings list is cut off");
        uint count = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (count > (uint)(bytes.Length / sizeof(uint) - 1))
            TsdbCorruptionException.Throw(0, $"index: a postings list of {count} series does not fit in {bytes.Length} bytes");
        int end = sizeof(uint) * (1 + (int)count);
        if (bytes.Length >= end + sizeof(uint) && Crc32C.Compute(bytes[..end]) != BinaryPrimitives.ReadUInt32BigEndian(bytes[end..]))
            TsdbCorruptionException.Throw(0, "index: checksum of a postings list does not fit");
        return Ids(bytes[sizeof(uint)..end]);
    }

    /// <summary>Reads the list that starts with its length field and checks everything.</summary>
    /// <inheritdoc cref="Parse" path="/exception"/>
    public static uint[] ParseSection(ReadOnlySpan<byte> section) => Ids(IdBytes(section));

    /// <summary>The ids of the list that starts with its length field as they are stored, big-endian; whether they ascend is not looked at.</summary>
    /// <exception cref="TsdbCorruptionException">Cut off, or a count or a checksum that does not fit.</exception>
    public static ReadOnlySpan<byte> IdBytes(ReadOnlySpan<byte> section)
    {
        ReadOnlySpan<byte> body = IndexSection.Body(section, "a postings list");
        if (body.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32BigEndian(body) != (uint)(body.Length / sizeof(uint) - 1))
            TsdbCorruptionException.Throw(sizeof(uint), $"index: the count of a postings list does not fit its {body.Length} bytes");
        return body[sizeof(uint)..];
    }

    private static uint[] Ids(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(uint)) return [];
        var ids = GC.AllocateUninitializedArray<uint>(bytes.Length / sizeof(uint));
        ReadOnlySpan<uint> stored = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(bytes);
        if (BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(stored, ids);
        else stored.CopyTo(ids);
        for (var i = 1; i < ids.Length; i++)
            if (ids[i] <= ids[i - 1])
                TsdbCorruptionException.Throw((i + 1) * sizeof(uint), "index: the ids of a postings list do not ascend");
        return ids;
    }
}
