using System.Buffers;
using Aion.Storage;
using Grpc.Core;

namespace Aion.Protocol;

/// <summary>The codec of <c>thanos.SeriesResponse</c>, for gRPC and for tests.</summary>
public static class SeriesMessageCodec
{
    public static Marshaller<SeriesMessage> Marshaller { get; } = Marshallers.Create(Serialize, Deserialize);

    public static byte[] Encode(SeriesMessage message)
    {
        ArrayBufferWriter<byte>? buffer = null;
        SeriesMessageEncoder.Encode(message, length => buffer = new ArrayBufferWriter<byte>(Math.Max(1, length)));
        return buffer!.WrittenSpan.ToArray();
    }

    /// <exception cref="WireFormatException">The bytes are no such message.</exception>
    public static SeriesMessage Decode(ReadOnlyMemory<byte> buffer) => SeriesMessageDecoder.Decode(buffer);

    private static void Serialize(SeriesMessage message, SerializationContext context)
    {
        SeriesMessageEncoder.Encode(message, length =>
        {
            context.SetPayloadLength(length);
            return context.GetBufferWriter();
        });
        context.Complete();
    }

    private static SeriesMessage Deserialize(DeserializationContext context)
    {
        ChunkBuffer buffer = ChunkBuffer.Rent(context.PayloadLength);
        context.PayloadAsReadOnlySequence().CopyTo(buffer.GetSpan());
        return SeriesMessageDecoder.Decode(buffer);
    }
}
