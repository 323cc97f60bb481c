using System.Net;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Protocol;
using Aion.StoreApi;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>A store gateway over a folder, behind its real gRPC server on a free port.</summary>
internal sealed class RunningStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    private RunningStore(string address, Task run)
    {
        Address = address;
        _run = run;
    }

    public string Address { get; }

    public static async Task<RunningStore> StartAsync(string bucketFolder, StoreGatewayOptions options)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var gateway = new BucketGateway(new FilesystemBucket(bucketFolder, TimeProvider.System), options, context);
        await gateway.SyncAsync(CancellationToken.None);
        context.Probe.SetReady();
        var group = new RunGroup(NullLogger.Instance, TimeProvider.System);
        var server = new GrpcServer(
            context, new GrpcServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.Zero }, static routes => routes.MapStoreApi(),
            services => services.AddStoreApi(gateway.Store, context, ServedApis.Store, StoreGatewayComponent.ServiceOptions));
        server.AddTo(group);
        var stop = new CancellationTokenSource();
        Task run = group.RunAsync(stop.Token);
        IPEndPoint listening = await server.Listening;
        var running = new RunningStore($"127.0.0.1:{listening.Port}", run);
        running._stop.Token.Register(stop.Cancel);
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }
}
