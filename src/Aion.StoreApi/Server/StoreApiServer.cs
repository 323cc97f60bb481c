using Aion.Hosting;
using Aion.Protocol;
using Aion.Storage;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Aion.StoreApi;

/// <summary>Puts the services <c>thanos.Store</c> and <c>thanos.info.Info</c> over a store into a gRPC server.</summary>
public static class StoreApiServer
{
    /// <summary>Registers the services and the transport settings of the Store API.</summary>
    /// <param name="services">The gRPC server's services; <c>AddGrpc</c> may have been called or not.</param>
    /// <param name="store">What is served.</param>
    /// <param name="context">Gives the readiness that Info waits for, and the metrics.</param>
    /// <param name="served">The APIs that Info announces; <see cref="ServedApis.Store"/> for a plain store.</param>
    /// <param name="options">How the store is served.</param>
    public static IServiceCollection AddStoreApi(
        this IServiceCollection services, IStore store, ComponentContext context, ServedApis served, StoreServiceOptions? options = null)
    {
        services.AddGrpc();
        services.Configure<GrpcServiceOptions>(StoreApiTransport.Configure);
        services.AddSingleton(new StoreService(store, options ?? new StoreServiceOptions(), new StoreServerMetrics(context.Metrics)));
        services.AddSingleton(new InfoService(() => store.Info, served, () => context.Probe.IsReady));
        return services;
    }

    public static void MapStoreApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<StoreService>();
        routes.MapGrpcService<InfoService>();
        UnknownCalls.Map(routes);
    }
}
