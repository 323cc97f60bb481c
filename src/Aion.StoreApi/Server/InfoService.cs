using Aion.Protocol;
using Aion.Protocol.Wire.InfoApi;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>The gRPC service <c>thanos.info.Info</c>: who this component is and which APIs it serves.</summary>
/// <param name="store">The newest snapshot of what the store says of itself; asked on every call.</param>
/// <param name="served">The APIs to announce.</param>
/// <param name="isReady">While false, every call fails with "Not ready".</param>
public sealed class InfoService(Func<Storage.StoreInfo> store, ServedApis served, Func<bool> isReady) : Info.InfoBase
{
    public override Task<InfoResponse> Info(InfoRequest request, ServerCallContext context)
    {
        if (!isReady()) throw new RpcException(new Status(StatusCode.Unknown, "Not ready"));
        return Task.FromResult(StoreInfoMapping.ToWire(store(), served));
    }
}
