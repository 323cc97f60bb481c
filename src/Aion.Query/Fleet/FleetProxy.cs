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
internal sealed class FleetProxy(Func<ServedApis, IReadOnlyList<ApiPeer>> peers, ParserOptions parser) : IFleetApis
{
    public Task<IReadOnlyList<RulesResponse>> RulesAsync(RulesRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Rules), "rules", Of(request.PartialResponseStrategy),
            peer => new Rules.RulesClient(peer.Invoker).Rules(request, cancellationToken: cancellationToken),
            static text => new RulesResponse { Warning = text }, budget, cancellationToken);

    public Task<IReadOnlyList<TargetsResponse>> TargetsAsync(TargetsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Targets), "targets", Of(request.PartialResponseStrategy),
            peer => new Targets.TargetsClient(peer.Invoker).Targets(request, cancellationToken: cancellationToken),
            static text => new TargetsResponse { Warning = text }, budget, cancellationToken);

    public Task<IReadOnlyList<MetadataApi.MetricMetadataResponse>> MetadataAsync(
        MetadataApi.MetricMetadataRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.MetricMetadata), "metadata", Of(request.PartialResponseStrategy),
            peer => new MetadataApi.Metadata.MetadataClient(peer.Invoker).MetricMetadata(request, cancellationToken: cancellationToken),
            static text => new MetadataApi.MetricMetadataResponse { Warning = text }, budget, cancellationToken);

    public Task<IReadOnlyList<ExemplarsResponse>> ExemplarsAsync(ExemplarsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors = Selectors(request.Query);
        var queries = new Dictionary<ApiPeer, string>(ReferenceEqualityComparer.Instance);
        foreach (ApiPeer peer in peers(ServedApis.Exemplars))
            if (ExemplarQuery.For(peer, selectors) is { Length: > 0 } query) queries[peer] = query;
        return PeerFanOut.AskAsync(
            [.. queries.Keys], "exemplars", Of(request.PartialResponseStrategy), Call, static text => new ExemplarsResponse { Warning = text },
            budget, cancellationToken);

        AsyncServerStreamingCall<ExemplarsResponse> Call(ApiPeer peer)
        {
            ExemplarsRequest own = request.Clone();
            own.Query = queries[peer];
            return new Exemplars.ExemplarsClient(peer.Invoker).Exemplars(own, cancellationToken: cancellationToken);
        }
    }

    public Task<IReadOnlyList<TSDBStatisticsResponse>> StatisticsAsync(TSDBStatisticsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        PeerFanOut.AskAsync(
            peers(ServedApis.Status), "TSDB statistics", Of(request.PartialResponseStrategy),
            peer => new Protocol.Wire.StatusApi.Status.StatusClient(peer.Invoker).TSDBStatistics(request, cancellationToken: cancellationToken),
            static text => new TSDBStatisticsResponse { Warning = text }, budget, cancellationToken);

    private IReadOnlyList<IReadOnlyList<LabelMatcher>> Selectors(string query)
    {
        try
        {
            return ExemplarQuery.Selectors(PromQLParser.Parse(query, parser));
        }
        catch (PromQLParseException e)
        {
            throw new StoreException(StoreErrorKind.Unknown, e.Message, e);
        }
    }

    private static PartialResponse Of(Strategy strategy) => strategy == Strategy.Abort ? PartialResponse.Abort : PartialResponse.Warn;
}
