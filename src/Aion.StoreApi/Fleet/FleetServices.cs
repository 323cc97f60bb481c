using Aion.Protocol;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Aion.Storage;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aion.StoreApi;

/// <summary>Puts the services <c>Rules</c>, <c>Targets</c>, <c>Metadata</c>, <c>Exemplars</c> and <c>Status</c> over a fleet into a gRPC server.</summary>
public static class FleetServices
{
    /// <summary>The APIs that Info then announces.</summary>
    public const ServedApis Served =
        ServedApis.Rules | ServedApis.Targets | ServedApis.MetricMetadata | ServedApis.Exemplars | ServedApis.Status;

    /// <param name="budget">What one call may hold; asked once a call, disposed with it.</param>
    public static IServiceCollection AddFleetApis(this IServiceCollection services, IFleetApis apis, Func<MemoryBudget?>? budget = null) =>
        services.AddSingleton(new FleetCalls(apis, budget ?? (static () => null)));

    public static void MapFleetApis(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<RulesService>();
        routes.MapGrpcService<TargetsService>();
        routes.MapGrpcService<MetadataService>();
        routes.MapGrpcService<ExemplarsService>();
        routes.MapGrpcService<StatusService>();
    }
}

/// <summary>Runs a call of any of the services.</summary>
internal sealed class FleetCalls(IFleetApis apis, Func<MemoryBudget?> budget)
{
    public async Task AnswerAsync<TResponse>(
        Func<IFleetApis, MemoryBudget?, CancellationToken, Task<IReadOnlyList<TResponse>>> ask, IServerStreamWriter<TResponse> target, ServerCallContext context)
    {
        using MemoryBudget? held = budget();
        try
        {
            foreach (TResponse response in await ask(apis, held, context.CancellationToken)) await target.WriteAsync(response, context.CancellationToken);
        }
        catch (Exception e) when (StoreErrors.ToRpc(e) is { } error)
        {
            throw error;
        }
    }
}

internal sealed class RulesService(FleetCalls calls) : Rules.RulesBase
{
    public override Task Rules(RulesRequest request, IServerStreamWriter<RulesResponse> responseStream, ServerCallContext context) =>
        calls.AnswerAsync((apis, budget, token) => apis.RulesAsync(request, budget, token), responseStream, context);
}

internal sealed class TargetsService(FleetCalls calls) : Targets.TargetsBase
{
    public override Task Targets(TargetsRequest request, IServerStreamWriter<TargetsResponse> responseStream, ServerCallContext context) =>
        calls.AnswerAsync((apis, budget, token) => apis.TargetsAsync(request, budget, token), responseStream, context);
}

internal sealed class MetadataService(FleetCalls calls) : Protocol.Wire.MetadataApi.Metadata.MetadataBase
{
    public override Task MetricMetadata(
        MetricMetadataRequest request, IServerStreamWriter<MetricMetadataResponse> responseStream, ServerCallContext context) =>
        calls.AnswerAsync((apis, budget, token) => apis.MetadataAsync(request, budget, token), responseStream, context);
}

internal sealed class ExemplarsService(FleetCalls calls) : Exemplars.ExemplarsBase
{
    public override Task Exemplars(ExemplarsRequest request, IServerStreamWriter<ExemplarsResponse> responseStream, ServerCallContext context) =>
        calls.AnswerAsync((apis, budget, token) => apis.ExemplarsAsync(request, budget, token), responseStream, context);
}

internal sealed class StatusService(FleetCalls calls) : Protocol.Wire.StatusApi.Status.StatusBase
{
    public override Task TSDBStatistics(
        TSDBStatisticsRequest request, IServerStreamWriter<TSDBStatisticsResponse> responseStream, ServerCallContext context) =>
        calls.AnswerAsync((apis, budget, token) => apis.StatisticsAsync(request, budget, token), responseStream, context);
}
