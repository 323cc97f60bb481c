using Google.Protobuf;
using Grpc.Core;

namespace Aion.Protocol;

/// <summary>gRPC marshallers for generated messages; a message that does not parse is refused as grpc-go refuses it.</summary>
public static class ProtobufMarshaller
{
    public static Marshaller<T> For<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        Marshallers.Create((message, context) => Serialize(message, context), context => Deserialize(parser, context));

    private static void Serialize(IMessage message, SerializationContext context)
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static T Deserialize<T>(MessageParser<T> parser, DeserializationContext context)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidProtocolBufferException e)
        {
            // The library tells truncation apart by its text only.
            string reason = e.Message.Contains("ended unexpectedly", StringComparison.Ordinal) ? "unexpected EOF" : e.Message;
            throw new RpcException(new Status(StatusCode.Internal, $"grpc: failed to unmarshal the received message: {reason}"));
        }
    }
}
