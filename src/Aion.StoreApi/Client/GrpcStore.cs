using System.Runtime.CompilerServices;
using Aion.Protocol;
using Aion.Storage;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>
/// A peer's Store API as a store. What the peer does not support (sharding, dropping replica labels) is done here. Thread-safe.
/// </summary>
public sealed class GrpcStore(GrpcPeer peer, Func<Aion.Storage.StoreInfo> info) : IStore
{
    public string Name => peer.Name;

    public Aion.Storage.StoreInfo Info => info();

    public IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, CancellationToken cancellationToken)
    {
        Aion.Storage.StoreInfo snapshot = Info;
        bool strip = request.WithoutReplicaLabels.Count > 0 && !snapshot.SupportsWithoutReplicaLabels;
        bool shard = request.Shard is not null && !snapshot.SupportsSharding;
        IAsyncEnumerable<SeriesFrame> frames = ReceiveAsync(request, cancellationToken);
        if (strip) frames = PeerAdaptation.StripAndSortAsync(frames, request.WithoutReplicaLabels, request.Budget, cancellationToken);
        if (shard) frames = PeerAdaptation.FilterShardAsync(frames, request.Shard!, cancellationToken);
        return frames;
    }

    public async Task<LabelsAnswer> LabelNamesAsync(Aion.Storage.LabelNamesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return LabelsRequestMapping.ToModel(await peer.Invoker.AsyncUnaryCall(
                StoreMethods.LabelNames, null, Options(request.Tenant, cancellationToken), LabelsRequestMapping.ToWire(request)));
        }
        catch (RpcException e)
        {
            throw Translate(e, cancellationToken);
        }
    }

    public async Task<LabelsAnswer> LabelValuesAsync(Aion.Storage.LabelValuesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return LabelsRequestMapping.ToModel(await peer.Invoker.AsyncUnaryCall(
                StoreMethods.LabelValues, null, Options(request.Tenant, cancellationToken), LabelsRequestMapping.ToWire(request)));
        }
        catch (RpcException e)
        {
            throw Translate(e, cancellationToken);
        }
    }

    private async IAsyncEnumerable<SeriesFrame> ReceiveAsync(
        SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CallOptions options = Options(request.Tenant, cancellationToken);
        options.Headers!.Add(StoreApiTransport.NoChunkHashesHeader, "1");
        using var call = peer.Invoker.AsyncServerStreamingCall(StoreMethods.Series, null, options, SelectRequestMapping.ToWire(request));
        while (await NextAsync(call.ResponseStream, cancellationToken))
        {
            SeriesMessage message = call.ResponseStream.Current;
            // Empty warnings and hints say nothing that a reader of series needs.
            if (message.Warning is { Length: > 0 } warning) yield return SeriesFrame.Warning(warning);
            else if (message.Series.Count > 0) yield return SeriesFrame.Of(message.Series);
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncStreamReader<SeriesMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(cancellationToken);
        }
        catch (RpcException e)
        {
            throw Translate(e, cancellationToken);
        }
    }

    private Exception Translate(RpcException error, CancellationToken cancellationToken) =>
        error.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested
            ? new OperationCanceledException(error.Status.Detail, error, cancellationToken)
            : StoreErrors.FromRpc(error, peer.Name);

    private CallOptions Options(string tenant, CancellationToken cancellationToken) =>
        new(peer.Headers(tenant), cancellationToken: cancellationToken);
}
