using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aion.Protocol;

/// <summary>
/// The frames of a streamed remote read: uvarint length of the data, CRC-32C of the data (4 bytes, big-endian), data.
/// </summary>
public static class ChunkedReadFraming
{
    /// <summary>Prometheus's default limit of one frame, 50 MiB.</summary>
    public const int DefaultMaxFrameBytes = 50 * 1024 * 1024;

    private const int MaxHeaderBytes = 5 + sizeof(uint);

    /// <summary>Yields the data of each frame in an array of its own, until the stream ends between two frames.</summary>
    /// <exception cref="WireFormatException">A frame is too long, cut off, or fails its checksum; the offset is that of the frame.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadFramesAsync(
        Stream stream, int maxFrameBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        try
        {
            long offset = 0;
            while (true)
            {
                ReadResult read = await reader.ReadAsync(cancellationToken);
                ReadOnlySequence<byte> buffer = read.Buffer;
                if (buffer.IsEmpty && read.IsCompleted) yield break;
                if (!TryReadHeader(buffer, maxFrameBytes, offset, out int length, out uint checksum, out int headerBytes)
                    || buffer.Length - headerBytes < length)
                {
                    if (read.IsCompleted) throw new WireFormatException("frame cut off", Clamp(offset));
                    reader.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                byte[] data = GC.AllocateUninitializedArray<byte>(length);
                buffer.Slice(headerBytes, length).CopyTo(data);
                reader.AdvanceTo(buffer.GetPosition(headerBytes + (long)length));
                if (Crc32C(data) != checksum) throw new WireFormatException("frame checksum mismatch", Clamp(offset));
                offset += headerBytes + (long)length;
                yield return data;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    public static void WriteFrame(IBufferWriter<byte> target, ReadOnlySpan<byte> data)
    {
        var writer = new ProtoWriter(target);
        writer.WriteVarint((ulong)data.Length);
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32C(data));
        writer.WriteRaw(checksum);
        writer.WriteRaw(data);
        writer.Flush();
    }

    internal static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = ~0u;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(data[..(data.Length & ~7)])) crc = BitOperations.Crc32C(crc, word);
        foreach (byte last in data[(data.Length & ~7)..]) crc = BitOperations.Crc32C(crc, last);
        return ~crc;
    }

    private static bool TryReadHeader(
        ReadOnlySequence<byte> buffer, int maxFrameBytes, long offset, out int length, out uint checksum, out int headerBytes)
    {
        Span<byte> header = stackalloc byte[MaxHeaderBytes];
        int available = (int)Math.Min(header.Length, buffer.Length);
        buffer.Slice(0, available).CopyTo(header);
        length = headerBytes = 0;
        checksum = 0;
        ulong value = 0;
        for (var i = 0; i < 5; i++)
        {
            if (i >= available) return false;
            value |= (ulong)(header[i] & 0x7F) << (7 * i);
            if (header[i] >= 0x80) continue;
            if (value > (ulong)maxFrameBytes)
                throw new WireFormatException($"frame of {value} bytes exceeds the limit of {maxFrameBytes}", Clamp(offset));
            if (available < i + 1 + sizeof(uint)) return false;
            length = (int)value;
            checksum = BinaryPrimitives.ReadUInt32BigEndian(header[(i + 1)..]);
            headerBytes = i + 1 + sizeof(uint);
            return true;
        }

        throw new WireFormatException($"frame length exceeds the limit of {maxFrameBytes}", Clamp(offset));
    }

    private static int Clamp(long offset) => (int)Math.Min(offset, int.MaxValue);
}
