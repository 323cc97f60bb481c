using Snappier;

namespace Aion.Protocol;

/// <summary>The block form of snappy (no framing), as remote read and remote write bodies use it.</summary>
public static class SnappyBlock
{
    public static byte[] Compress(ReadOnlySpan<byte> source) => Snappy.CompressToArray(source);

    /// <exception cref="WireFormatException">The block is corrupt, or would unpack to more than <paramref name="maxBytes"/>.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> source, int maxBytes)
    {
        try
        {
            int length = Snappy.GetUncompressedLength(source);
            if (length < 0 || length > maxBytes) throw new WireFormatException($"snappy block of {length} bytes exceeds the limit of {maxBytes}", 0);
            // A byte of input yields at most 64 bytes of output (a two-byte copy) in valid data; refuse to allocate for a lie.
            if (length > 64L * source.Length) throw new WireFormatException("snappy: corrupt input", 0);
            byte[] target = GC.AllocateUninitializedArray<byte>(length);
            int written = Snappy.Decompress(source, target);
            return written == length ? target : throw new WireFormatException("snappy: corrupt input", 0);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new WireFormatException("snappy: corrupt input", 0);
        }
    }
}
