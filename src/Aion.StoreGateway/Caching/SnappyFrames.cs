using System.Buffers;
using System.Buffers.Binary;
using Aion.Tsdb;
using Snappier;

namespace Aion.StoreGateway;

/// <summary>The Snappy framing format as index caches hold it (format notes F-12.4).</summary>
internal static class SnappyFrames
{
    private const int FrameBytes = 65_536;
    private const int HeadBytes = 4;
    private const byte Compressed = 0x00, Plain = 0x01, Identifier = 0xFF, FirstSkippable = 0x80, Padding = 0xFE;

    private static ReadOnlySpan<byte> StreamStart => [Identifier, 6, 0, 0, (byte)'s', (byte)'N', (byte)'a', (byte)'P', (byte)'p', (byte)'Y'];

    /// <summary>Appends the content as frames; nothing at all when it is empty.</summary>
    public static void Encode(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        if (content.IsEmpty) return;
        output.Write(StreamStart);
        byte[] scratch = ArrayPool<byte>.Shared.Rent(Snappy.GetMaxCompressedLength(Math.Min(content.Length, FrameBytes)));
        try
        {
            Span<byte> head = stackalloc byte[HeadBytes + sizeof(uint)];
            for (; content.Length > 0; content = content[Math.Min(content.Length, FrameBytes)..])
            {
                ReadOnlySpan<byte> part = content[..Math.Min(content.Length, FrameBytes)];
                int length = Snappy.Compress(part, scratch);
                bool shrinks = length < part.Length - part.Length / 8;
                ReadOnlySpan<byte> body = shrinks ? scratch.AsSpan(0, length) : part;
                BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)(body.Length + sizeof(uint)) << 8 | (shrinks ? Compressed : Plain));
                BinaryPrimitives.WriteUInt32LittleEndian(head[HeadBytes..], Masked(part));
                output.Write(head);
                output.Write(body);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>Appends what the frames hold. Memory is bounded: a frame holds at most 64 KiB.</summary>
    /// <exception cref="FormatException">The stream is damaged or cut off.</exception>
    public static void Decode(ReadOnlySpan<byte> stream, IBufferWriter<byte> output)
    {
        var first = true;
        while (!stream.IsEmpty)
        {
            if (stream.Length < HeadBytes) throw new FormatException("a snappy frame is cut off");
            byte type = stream[0];
            int length = (int)(BinaryPrimitives.ReadUInt32LittleEndian(stream) >> 8);
            if (length > stream.Length - HeadBytes) throw new FormatException("a snappy frame is cut off");
            ReadOnlySpan<byte> body = stream.Slice(HeadBytes, length);
            if (first && type != Identifier) throw new FormatException("the snappy stream does not start with its identifier");
            first = false;
            if (type == Identifier && !body.SequenceEqual(StreamStart[HeadBytes..])) throw new FormatException("the identifier of the snappy stream is wrong");
            if (type is Compressed or Plain) DecodeFrame(type, body, output);
            else if (type is < FirstSkippable or Padding) throw new FormatException($"snappy frames of type {type} are not known");
            stream = stream[(HeadBytes + length)..];
        }
    }

    private static void DecodeFrame(byte type, ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        if (body.Length < sizeof(uint)) throw new FormatException("a snappy frame is cut off");
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(body);
        body = body[sizeof(uint)..];
        int length;
        try
        {
            length = type == Plain ? body.Length : Snappy.GetUncompressedLength(body);
            if (length is < 0 or > FrameBytes) throw new FormatException("a snappy frame holds more than 64 KiB");
            Span<byte> target = output.GetSpan(Math.Max(length, 1))[..length];
            if (type == Plain) body.CopyTo(target);
            else if (Snappy.Decompress(body, target) != length) throw new FormatException("a snappy frame is damaged");
            if (Masked(target) != checksum) throw new FormatException("the checksum of a snappy frame does not fit");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new FormatException($"a snappy frame is damaged: {e.Message}", e);
        }

        output.Advance(length);
    }

    private static uint Masked(ReadOnlySpan<byte> content)
    {
        uint crc = Crc32C.Compute(content);
        return unchecked((crc >> 15 | crc << 17) + 0xA282EAD8);
    }
}
