using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>
/// What is known beside series: rules, targets, metric metadata, exemplars and TSDB statistics, of one Prometheus or of a whole fleet. Answers
/// are the messages of the wire, unmerged; warnings among them say what is missing. Thread-safe.
/// </summary>
public interface IFleetApis
{
    /// <exception cref="StoreException">The call failed as a whole.</exception>
    Task<IReadOnlyList<RulesResponse>> RulesAsync(RulesRequest request, MemoryBudget? budget, CancellationToken cancellationToken);

    /// <exception cref="StoreException">The call failed as a whole.</exception>
    Task<IReadOnlyList<TargetsResponse>> TargetsAsync(TargetsRequest request, MemoryBudget? budget, CancellationToken cancellationToken);

    /// <exception cref="StoreException">The call failed as a whole.</exception>
    Task<IReadOnlyList<MetricMetadataResponse>> MetadataAsync(MetricMetadataRequest request, MemoryBudget? budget, CancellationToken cancellationToken);

    /// <exception cref="StoreException">The call failed as a whole, or the query does not parse.</exception>
    Task<IReadOnlyList<ExemplarsResponse>> ExemplarsAsync(ExemplarsRequest request, MemoryBudget? budget, CancellationToken cancellationToken);

    /// <exception cref="StoreException">The call failed as a whole.</exception>
    Task<IReadOnlyList<TSDBStatisticsResponse>> StatisticsAsync(TSDBStatisticsRequest request, MemoryBudget? budget, CancellationToken cancellationToken);
}
