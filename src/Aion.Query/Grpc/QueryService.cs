using Aion.Protocol;
using Aion.Protocol.Wire.QueryApi;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Aion.Query;

/// <summary>Binds <c>thanos.Query</c>, whose answers are encoded by hand.</summary>
[BindServiceMethod(typeof(QueryServiceBinding), nameof(QueryServiceBinding.BindService))]
public abstract class QueryServiceBase
{
    public abstract Task Query(QueryRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context);

    public abstract Task QueryRange(QueryRangeRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context);
}

/// <summary>What Grpc.AspNetCore and its reflection service look for beside a service's base class.</summary>
public static class QueryServiceBinding
{
    /// <summary>Found by name by the reflection service.</summary>
    public static ServiceDescriptor Descriptor => QueryMethods.Descriptor;

    public static void BindService(ServiceBinderBase serviceBinder, QueryServiceBase? serviceImpl)
    {
        serviceBinder.AddMethod(
            QueryMethods.Query, serviceImpl is null ? null : new ServerStreamingServerMethod<QueryRequest, byte[]>(serviceImpl.Query));
        serviceBinder.AddMethod(
            QueryMethods.QueryRange, serviceImpl is null ? null : new ServerStreamingServerMethod<QueryRangeRequest, byte[]>(serviceImpl.QueryRange));
    }
}

/// <summary>The gRPC service <c>thanos.Query</c>.</summary>
internal sealed class QueryService(QueryCalls calls) : QueryServiceBase
{
    public override Task Query(QueryRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context) =>
        calls.AnswerAsync(QueryCall.Of(request), responseStream, context);

    public override Task QueryRange(QueryRangeRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context) =>
        calls.AnswerAsync(QueryCall.Of(request), responseStream, context);
}
