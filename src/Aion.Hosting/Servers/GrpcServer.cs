using System.Net;
using Grpc.AspNetCore.Server;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// A component's gRPC server: HTTP/2 with or without TLS, health service (service ""), reflection, metrics, and the services the
/// component maps. Built at setup, where a bad address or certificate fails.
/// </summary>
public sealed class GrpcServer
{
    private readonly ComponentContext _context;
    private readonly GrpcServerOptions _options;
    private readonly ILogger _logger;
    private readonly GrpcTls? _tls;
    private readonly KestrelHost _host;
    private readonly HealthServiceImpl _health = new();
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="mapServices">Maps the component's services: <c>endpoints.MapGrpcService&lt;T&gt;()</c>.</param>
    /// <param name="services">Registers what those services need.</param>
    /// <exception cref="ComponentException">The address or the TLS files are wrong.</exception>
    public GrpcServer(ComponentContext context, GrpcServerOptions options, Action<IEndpointRouteBuilder> mapServices,
        Action<IServiceCollection>? services = null)
    {
        _context = context;
        _options = options;
        _logger = context.Logger.With([("service", "gRPC/server"), ("component", context.Name)]);
        _tls = GrpcTls.Load(options, context.Logger.With([("protocol", "gRPC")]));
        GrpcServerMetrics metrics = new(context.Metrics);
        _host = KestrelHost.Build(options.Address, context.LoggerFactory, context.Time, Listen, Limit, collection =>
        {
            GrpcRequestLog? requestLog = options.RequestLog is { } rules ? new GrpcRequestLog(rules, context.Logger, context.Time) : null;
            collection.AddSingleton(new GrpcServerInterceptor(metrics, requestLog, _logger, context.Time));
            collection.AddSingleton(_health);
            collection.AddGrpc(Configure);
            collection.AddGrpcReflection();
            services?.Invoke(collection);
        });
        _host.Application.Use(ConnectionAge.InvokeAsync);
        mapServices(_host.Application);
        _host.Application.MapGrpcService<HealthServiceImpl>();
        _host.Application.MapGrpcReflectionService();
        metrics.CreateFor(((IEndpointRouteBuilder)_host.Application).DataSources.SelectMany(source => source.Endpoints));
        SetHealth(context.Probe.IsReady);
        context.Probe.ReadyChanged += SetHealth;
    }

    /// <summary>Completes with the address once the server listens; fails when it cannot.</summary>
    public Task<IPEndPoint> Listening => _listening.Task;

    /// <summary>Adds the server to the group.</summary>
    /// <param name="ready">Awaited before the server listens, for components that serve only once they know something.</param>
    public void AddTo(RunGroup group, Func<CancellationToken, Task>? ready = null) =>
        group.Add("grpc", cancellationToken => RunAsync(ready, cancellationToken), StopAsync, _options.GracePeriod + TimeSpan.FromSeconds(10));

    private async Task RunAsync(Func<CancellationToken, Task>? ready, CancellationToken cancellationToken)
    {
        await using KestrelHost host = _host;
        if (ready is not null) await ready(cancellationToken);
        try
        {
            if (!await _host.StartAsync(cancellationToken)) return;
        }
        catch (ComponentException e)
        {
            _listening.TrySetException(e);
            throw new ComponentException($"listen gRPC on address {_options.Address}", e);
        }

        string address = _options.Address.EndsWith(":0", StringComparison.Ordinal) ? _host.EndPoint!.ToString() : _options.Address;
        _logger.Info("listening for serving gRPC", [("address", address)]);
        _listening.TrySetResult(_host.EndPoint!);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task StopAsync(Exception? reason, CancellationToken deadline)
    {
        _context.Probe.SetNotReady(reason);
        _logger.Info("internal server is shutting down", [("err", reason)]);
        using CancellationTokenSource grace = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        if (_options.GracePeriod > TimeSpan.Zero) grace.CancelAfter(_options.GracePeriod);
        else await grace.CancelAsync();
        _logger.Info("gracefully stopping internal server");
        await _host.StopAsync(grace.Token);
        _logger.Info("internal server is shutdown gracefully", [("err", reason)]);
    }

    private void SetHealth(bool isReady) =>
        _health.SetStatus("", isReady ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing);

    private void Listen(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        _tls?.UseTls(listen);
        if (_options.MaxConnectionAge > TimeSpan.Zero) ConnectionAge.Limit(listen, _options.MaxConnectionAge, _context.Time);
    }

    private static void Limit(KestrelServerOptions options)
    {
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null; // a stream may be silent for long
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestHeadersTotalSize = 1 << 20;
        options.Limits.Http2.MaxRequestHeaderFieldSize = 1 << 20;
        options.Limits.Http2.MaxStreamsPerConnection = int.MaxValue;
        options.Limits.Http2.InitialConnectionWindowSize = 8 << 20;
        options.Limits.Http2.InitialStreamWindowSize = 1 << 20;
    }

    private static void Configure(GrpcServiceOptions options)
    {
        options.MaxReceiveMessageSize = int.MaxValue;
        options.MaxSendMessageSize = int.MaxValue;
        options.Interceptors.Add<GrpcServerInterceptor>();
    }
}
