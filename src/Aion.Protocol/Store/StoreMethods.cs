using Aion.Protocol.Wire;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Aion.Protocol;

/// <summary>The methods of <c>thanos.Store</c>, for clients and servers.</summary>
public static class StoreMethods
{
    public const string ServiceName = "thanos.Store";

    public static Method<SeriesRequest, SeriesMessage> Series { get; } = new(
        MethodType.ServerStreaming, ServiceName, "Series", ProtobufMarshaller.For(SeriesRequest.Parser), SeriesMessageCodec.Marshaller);

    public static Method<LabelNamesRequest, LabelNamesResponse> LabelNames { get; } = new(
        MethodType.Unary, ServiceName, "LabelNames",
        ProtobufMarshaller.For(LabelNamesRequest.Parser), ProtobufMarshaller.For(LabelNamesResponse.Parser));

    public static Method<LabelValuesRequest, LabelValuesResponse> LabelValues { get; } = new(
        MethodType.Unary, ServiceName, "LabelValues",
        ProtobufMarshaller.For(LabelValuesRequest.Parser), ProtobufMarshaller.For(LabelValuesResponse.Parser));

    /// <summary>The service as server reflection shows it.</summary>
    public static ServiceDescriptor Descriptor => StoreReflection.Descriptor.Services[0];
}
