using Aion.Model;
using Aion.PromQL;
using Aion.Protocol;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Aion.StoreApi;
using Grpc.Core;
using MetadataApi = Aion.Protocol.Wire.MetadataApi;
using Strategy = Aion.Protocol.Wire.PartialResponseStrategy;

namespace Aion.Query;

/// <summary>The APIs beside the store over all endpoints that serve them.</summary>
/// <param name="peers">The endpoints that serve an API now; asked on every call.</param>
/// <param name="parser">The language of the queries that exemplars are asked with.</param>
/// <param name="silence">When an endpoint that does not answer is left out.</param>
internal sealed class FleetProxy(Func<ServedApis, IReadOnlyList<ApiPeer>> peers, ParserOptions parser, PeerSilence silence) : IFleetApis
{
    public Task<IReadOnlyList<RulesResponse>> RulesAsync(RulesRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Rules), "rules", Of(request.PartialResponseStrategy),
            (peer, token) => new Rules.RulesClient(peer.Invoker).Rules(request, cancellationToken: token),
            static text => new RulesResponse { Warning = text }, silence, budget, cancellationToken);

    public Task<IReadOnlyList<TargetsResponse>> TargetsAsync(TargetsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Targets), "targets", Of(request.PartialResponseStrategy),
            (peer, token) => new Targets.TargetsClient(peer.Invoker).Targets(request, cancellationToken: token),
            static text => new TargetsResponse { Warning = text }, silence, budget, cancellationToken);

    public Task<IReadOnlyList<MetadataApi.MetricMetadataResponse>> MetadataAsync(
        MetadataApi.MetricMetadataRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.MetricMetadata), "metadata", Of(request.PartialResponseStrategy),
            (peer, token) => new MetadataApi.Metadata.MetadataClient(peer.Invoker).MetricMetadata(request, cancellationToken: token),
            static text => new MetadataApi.MetricMetadataResponse { Warning = text }, silence, budget, cancellationToken);

    public Task<IReadOnlyList<ExemplarsResponse>> ExemplarsAsync(ExemplarsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors = ExemplarQuery.Selectors(request.Query, parser);
        var queries = new Dictionary<ApiPeer, string>(ReferenceEqualityComparer.Instance);
        foreach (ApiPeer peer in peers(ServedApis.Exemplars))
            if (ExemplarQuery.For(peer.LabelSets, peer.IsQuerier, selectors) is { Length: > 0 } query) queries[peer] = query;
        return PeerFanOut.AskAsync(
            [.. queries.Keys], "exemplars", Of(request.PartialResponseStrategy), Call, static text => new ExemplarsResponse { Warning = text },
            silence, budget, cancellationToken);

        AsyncServerStreamingCall<ExemplarsResponse> Call(ApiPeer peer, CancellationToken token)
        {
            ExemplarsRequest own = request.Clone();
            own.Query = queries[peer];
            return new Exemplars.ExemplarsClient(peer.Invoker).Exemplars(own, cancellationToken: token);
        }
    }

    public Task<IReadOnlyList<TSDBStatisticsResponse>> StatisticsAsync(TSDBStatisticsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Status), "TSDB statistics", Of(request.PartialResponseStrategy),
            (peer, token) => new Protocol.Wire.StatusApi.Status.StatusClient(peer.Invoker).TSDBStatistics(request, cancellationToken: token),
            static text => new TSDBStatisticsResponse { Warning = text }, silence, budget, cancellationToken);

    private static PartialResponse Of(Strategy strategy) => strategy == Strategy.Abort ? PartialResponse.Abort : PartialResponse.Warn;
}
