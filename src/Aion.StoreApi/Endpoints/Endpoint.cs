using Aion.Protocol;
using Aion.Protocol.Wire.InfoApi;
using Grpc.Core;

namespace Aion.StoreApi;

/// <summary>One endpoint: its connection and what it last said of itself. Changed by the update loop only, read by anybody.</summary>
internal sealed class Endpoint(EndpointSpec spec, GrpcPeer peer, DateTimeOffset created) : IDisposable
{
    private static readonly HashSet<string> KnownComponents = new(StringComparer.Ordinal) { "query", "rule", "sidecar", "store", "receive", "debug" };

    /// <summary>What a strict endpoint is taken for until it answers: a store that may hold anything.</summary>
    private static readonly Aion.Storage.StoreInfo Unknown = new() { Component = "store" };

    private State _state = new(null, ServedApis.None, created, created, null);

    public EndpointSpec Spec => spec;

    public GrpcPeer Peer => peer;

    public Aion.Storage.StoreInfo Info => Snapshot.Info ?? Unknown;

    public ServedApis Served => Snapshot.Info is null ? ServedApis.Store : Snapshot.Served;

    public bool IsHealthy => Snapshot is { Info: not null, LastError: null };

    /// <summary>Whether requests go to it.</summary>
    public bool IsQueryable => spec.IsStrict || IsHealthy;

    public DateTimeOffset LastSuccess => Snapshot.LastSuccess;

    /// <summary>Endpoints of components that this version does not know are still shown.</summary>
    public string Component => KnownComponents.Contains(Info.Component) ? Info.Component : "unknown-store-api";

    public EndpointStatus Status
    {
        get
        {
            State state = Snapshot;
            Aion.Storage.StoreInfo info = state.Info ?? Unknown;
            return new EndpointStatus(
                Component, spec.Address, state.LastCheck, state.LastError, info.LabelSets, info.MinTimeMs, info.MaxTimeMs);
        }
    }

    private State Snapshot => Volatile.Read(ref _state);

    /// <summary>Asks the endpoint what it is; returns the error, or null when it answered.</summary>
    public async Task<string?> CheckAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        State before = Snapshot;
        try
        {
            InfoResponse response = await new Info.InfoClient(peer.Invoker).InfoAsync(new InfoRequest(), cancellationToken: linked.Token);
            DateTimeOffset now = time.GetUtcNow();
            Volatile.Write(ref _state, new State(StoreInfoMapping.ToModel(response), StoreInfoMapping.ServedBy(response), now, now, null));
            return null;
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            string error = deadline.IsCancellationRequested
                ? $"getting metadata: no answer of {spec.Address} in {Aion.Model.GoDuration.Format(timeout)}"
                : e.StatusCode == StatusCode.Unimplemented
                    ? "cannot obtain metadata: neither info nor store client found"
                    : $"getting metadata: fetching info from {spec.Address}: {StoreErrors.Text(StoreErrors.FromRpc(e, spec.Address))}";
            Volatile.Write(ref _state, before with { LastCheck = time.GetUtcNow(), LastError = error });
            return error;
        }
        catch (RpcException e)
        {
            throw new OperationCanceledException(e.Status.Detail, e, cancellationToken);
        }
    }

    public StoreClient ToStore() => new(new GrpcStore(peer, () => Info), spec.Address);

    public ApiPeer ToApi() => new(spec.Address, peer.Invoker, Info.Component == "query", Info.LabelSets);

    public void Dispose() => peer.Dispose();

    private sealed record State(
        Aion.Storage.StoreInfo? Info, ServedApis Served, DateTimeOffset LastCheck, DateTimeOffset LastSuccess, string? LastError);
}
