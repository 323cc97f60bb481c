using Aion.Protocol;
using Aion.Protocol.Wire;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>Binds <c>thanos.Store</c> with its own codec for series; written by hand where the generator would use protobuf objects.</summary>
[BindServiceMethod(typeof(StoreServiceBinding), nameof(StoreServiceBinding.BindService))]
public abstract class StoreServiceBase
{
    public abstract Task Series(SeriesRequest request, IServerStreamWriter<SeriesMessage> responseStream, ServerCallContext context);

    public abstract Task<LabelNamesResponse> LabelNames(LabelNamesRequest request, ServerCallContext context);

    public abstract Task<LabelValuesResponse> LabelValues(LabelValuesRequest request, ServerCallContext context);
}

/// <summary>What Grpc.AspNetCore and its reflection service look for beside a service's base class.</summary>
public static class StoreServiceBinding
{
    /// <summary>Found by name by the reflection service.</summary>
    public static ServiceDescriptor Descriptor => StoreMethods.Descriptor;

    public static void BindService(ServiceBinderBase serviceBinder, StoreServiceBase? serviceImpl)
    {
        serviceBinder.AddMethod(
            StoreMethods.Series,
            serviceImpl is null ? null : new ServerStreamingServerMethod<SeriesRequest, SeriesMessage>(serviceImpl.Series));
        serviceBinder.AddMethod(
            StoreMethods.LabelNames,
            serviceImpl is null ? null : new UnaryServerMethod<LabelNamesRequest, LabelNamesResponse>(serviceImpl.LabelNames));
        serviceBinder.AddMethod(
            StoreMethods.LabelValues,
            serviceImpl is null ? null : new UnaryServerMethod<LabelValuesRequest, LabelValuesResponse>(serviceImpl.LabelValues));
    }
}
