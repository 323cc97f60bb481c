using Aion.Protocol.Wire.QueryApi;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Aion.Protocol;

/// <summary>The methods of <c>thanos.Query</c> as a server has them: answers are the bytes that <see cref="QueryFrames"/> makes.</summary>
public static class QueryMethods
{
    public const string ServiceName = "thanos.Query";

    private static readonly Marshaller<byte[]> Encoded = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    public static Method<QueryRequest, byte[]> Query { get; } =
        new(MethodType.ServerStreaming, ServiceName, "Query", ProtobufMarshaller.For(QueryRequest.Parser), Encoded);

    public static Method<QueryRangeRequest, byte[]> QueryRange { get; } =
        new(MethodType.ServerStreaming, ServiceName, "QueryRange", ProtobufMarshaller.For(QueryRangeRequest.Parser), Encoded);

    /// <summary>The service as server reflection shows it.</summary>
    public static ServiceDescriptor Descriptor => QueryReflection.Descriptor.Services[0];
}
