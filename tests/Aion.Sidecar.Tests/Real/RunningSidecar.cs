using System.Net;
using Aion.Hosting;
using Aion.Protocol;
using Aion.StoreApi;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aion.Sidecar.Tests;

/// <summary>The sidecar's heartbeat and gRPC server in this process.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private Task _run = Task.CompletedTask;

    public string Address { get; private set; } = "";

    public PrometheusStore Store { get; private set; } = null!;

    public static async Task<RunningSidecar> StartAsync(Uri prometheus)
    {
        var sidecar = new RunningSidecar();
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("sidecar", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var client = new PrometheusClient(sidecar._http, prometheus);
        var metadata = new PrometheusMetadata(Model.TimeOrDuration.Parse("0000-01-01T00:00:00Z"), TimeProvider.System);
        var heartbeat = new PrometheusHeartbeat(
            client, metadata, new HeartbeatOptions { Interval = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(10) }, context);
        sidecar.Store = new PrometheusStore(client, new RemoteReader(client, Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())), metadata);
        var group = new RunGroup(NullLogger.Instance, TimeProvider.System);
        group.Add("heartbeat", heartbeat.RunAsync);
        var server = new GrpcServer(
            context, new GrpcServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.Zero }, static routes => routes.MapStoreApi(),
            services => services.AddStoreApi(sidecar.Store, context, ServedApis.Store));
        server.AddTo(group, heartbeat.Known.WaitAsync);
        sidecar._run = group.RunAsync(sidecar._stop.Token);
        Task first = await Task.WhenAny(server.Listening, sidecar._run);
        await first;
        IPEndPoint listening = await server.Listening;
        sidecar.Address = $"http://127.0.0.1:{listening.Port}";
        return sidecar;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _http.Dispose();
        _stop.Dispose();
    }
}
