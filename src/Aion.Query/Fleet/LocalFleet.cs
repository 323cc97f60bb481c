using Aion.Model;
using Aion.PromQL;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Query;

/// <summary>The APIs of one Prometheus in this process, asked as the querier's proxy asks a sidecar: its series do not store its external labels.</summary>
/// <param name="apis">Of the Prometheus.</param>
/// <param name="labelSets">Its external labels; asked on every call.</param>
public sealed class LocalFleet(IFleetApis apis, Func<IReadOnlyList<Labels>> labelSets, ParserOptions parser) : IFleetApis
{
    public Task<IReadOnlyList<RulesResponse>> RulesAsync(RulesRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        apis.RulesAsync(request, budget, cancellationToken);

    public Task<IReadOnlyList<TargetsResponse>> TargetsAsync(TargetsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        apis.TargetsAsync(request, budget, cancellationToken);

    public Task<IReadOnlyList<MetricMetadataResponse>> MetadataAsync(
        MetricMetadataRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        apis.MetadataAsync(request, budget, cancellationToken);

    public async Task<IReadOnlyList<ExemplarsResponse>> ExemplarsAsync(ExemplarsRequest request, MemoryBudget? budget, CancellationToken cancellationToken)
    {
        string query = ExemplarQuery.For(labelSets(), isQuerier: false, ExemplarQuery.Selectors(request.Query, parser));
        if (query.Length == 0) return [];
        ExemplarsRequest own = request.Clone();
        own.Query = query;
        return await apis.ExemplarsAsync(own, budget, cancellationToken);
    }

    public Task<IReadOnlyList<TSDBStatisticsResponse>> StatisticsAsync(
        TSDBStatisticsRequest request, MemoryBudget? budget, CancellationToken cancellationToken) =>
        apis.StatisticsAsync(request, budget, cancellationToken);
}
