using System.Buffers;
using System.Numerics;
using Snappier;

namespace Aion.StoreGateway;

/// <summary>
/// Postings lists as an index cache holds them: the differences of neighbours as unsigned varints, compressed with Snappy behind a
/// 3-byte head that names the form (format notes F-12.3). <c>dss</c> is written; <c>dvs</c> is what older versions wrote.
/// </summary>
internal static class PostingsCodec
{
    private const int MaxVarintBytes = 10;

    /// <summary>No Snappy element yields more than 64 bytes from 3; a claim beyond that is a lie.</summary>
    private const int MaxSnappyRatio = 32;

    private static ReadOnlySpan<byte> Streamed => "dss"u8;

    private static ReadOnlySpan<byte> Block => "dvs"u8;

    /// <summary>Whether the value is in the form that carries checksums.</summary>
    public static bool IsChecked(ReadOnlySpan<byte> value) => value.StartsWith(Streamed);

    /// <exception cref="FormatException">The list is not ascending.</exception>
    public static byte[] Encode<T>(ReadOnlySpan<T> postings)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        byte[] differences = ArrayPool<byte>.Shared.Rent(Math.Max(1, checked(postings.Length * MaxVarintBytes)));
        try
        {
            int length = WriteDifferences(postings, differences);
            var output = new ArrayBufferWriter<byte>(length / 2 + 32);
            output.Write(Streamed);
            SnappyFrames.Encode(differences.AsSpan(0, length), output);
            return output.WrittenSpan.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(differences);
        }
    }

    /// <exception cref="FormatException">This is no postings list in either form.</exception>
    public static T[] Decode<T>(ReadOnlySpan<byte> value)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        if (value.StartsWith(Streamed))
        {
            var content = new ArrayBufferWriter<byte>(Math.Max(256, value.Length * 2));
            SnappyFrames.Decode(value[Streamed.Length..], content);
            return ReadDifferences<T>(content.WrittenSpan);
        }

        if (value.StartsWith(Block)) return ReadDifferences<T>(DecodeBlock(value[Block.Length..]));
        throw new FormatException("this is no postings list in a form that is known");
    }

    /// <summary>Writes the differences of neighbours, the first from 0, each as an unsigned varint.</summary>
    internal static int WriteDifferences<T>(ReadOnlySpan<T> postings, Span<byte> target)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        ulong last = 0;
        var at = 0;
        foreach (T posting in postings)
        {
            ulong id = ulong.CreateTruncating(posting);
            if (id < last) throw new FormatException($"postings entries must be in increasing order, current: {id}, previous: {last}");
            ulong difference = id - last;
            last = id;
            for (; difference >= 0x80; difference >>= 7) target[at++] = (byte)(difference | 0x80);
            target[at++] = (byte)difference;
        }

        return at;
    }

    private static T[] ReadDifferences<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var count = 0;
        foreach (byte b in bytes)
            if (b < 0x80) count++;
        var postings = new T[count];
        ulong last = 0, difference = 0;
        int shift = 0, filled = 0;
        foreach (byte b in bytes)
        {
            if (shift > 63 || (shift == 63 && b > 1)) throw new FormatException("a varint of a postings list is too long");
            difference |= (ulong)(b & 0x7F) << shift;
            shift += 7;
            if (b >= 0x80) continue;
            ulong id = unchecked(last + difference);
            if (id < last || id > ulong.CreateTruncating(T.AllBitsSet)) throw new FormatException("an id of a postings list is too large");
            postings[filled++] = T.CreateTruncating(id);
            last = id;
            difference = 0;
            shift = 0;
        }

        return shift == 0 ? postings : throw new FormatException("the last varint of a postings list is cut off");
    }

    private static byte[] DecodeBlock(ReadOnlySpan<byte> block)
    {
        try
        {
            int length = Snappy.GetUncompressedLength(block);
            if (length < 0 || length > (long)block.Length * MaxSnappyRatio) throw new FormatException("a snappy block claims more than it can hold");
            var content = new byte[length];
            return Snappy.Decompress(block, content) == length ? content : throw new FormatException("a snappy block is damaged");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new FormatException($"a snappy block is damaged: {e.Message}", e);
        }
    }
}
