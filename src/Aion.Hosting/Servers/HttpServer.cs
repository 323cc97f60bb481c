using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// A component's HTTP server: probes, metrics and what the component maps. Built at setup, where a bad address or web config fails;
/// listens when the run group starts.
/// </summary>
/// <remarks>Fixed paths: reference/http-api.md H-1. They are never under a route prefix.</remarks>
public sealed class HttpServer
{
    private const int MaxBodyBytes = 64 << 20;
    private const int MaxHeaderBytes = 1 << 20;

    /// <summary>Bytes of a response that wait for the client before its writer does: with a few pieces in stock the two need not take turns.</summary>
    private const int MaxResponseBytes = 512 << 10;

    private readonly ComponentContext _context;
    private readonly HttpServerOptions _options;
    private readonly ILogger _logger;
    private readonly WebConfigSource? _webConfig;
    private readonly KestrelHost _host;
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="map">Adds the component's endpoints; see <see cref="ApiRoutes"/> for its API.</param>
    /// <exception cref="ComponentException">The address or the web config is wrong.</exception>
    public HttpServer(ComponentContext context, HttpServerOptions options, Action<IEndpointRouteBuilder>? map = null)
    {
        _context = context;
        _options = options;
        _logger = context.Logger.With([("service", "http/server"), ("component", context.Name)]);
        if (options.ConfigPath.Length > 0) _webConfig = WebConfigSource.Load(options.ConfigPath, _logger);
        _host = KestrelHost.Build(options.Address, context.LoggerFactory, context.Time, Listen, Limit, ConfigureForms);
        WebApplication application = _host.Application;
        if (_webConfig is not null) application.Use(new WebConfigMiddleware(_webConfig, _logger).InvokeAsync);
        application.Use(PlainResponses.InvokeAsync);
        application.UseRouting();
        application.Use(CanonicalPath.InvokeAsync);
        if (options.RequestLog is { } rules) application.Use(new HttpRequestLog(rules, context.Logger, context.Time).InvokeAsync);
        CommonEndpoints.Map(application, context);
        map?.Invoke(application);
    }

    /// <summary>Completes with the address once the server listens; fails when it cannot.</summary>
    public Task<IPEndPoint> Listening => _listening.Task;

    /// <summary>Adds the server to the group; it turns the probe healthy when it listens.</summary>
    public void AddTo(RunGroup group) => group.Add("http", RunAsync, StopAsync, _options.GracePeriod + TimeSpan.FromSeconds(10));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await using KestrelHost host = _host;
        _context.Probe.SetHealthy();
        try
        {
            if (!await _host.StartAsync(cancellationToken)) return;
        }
        catch (ComponentException e)
        {
            _listening.TrySetException(e);
            throw new ComponentException("serve HTTP and metrics", e);
        }

        string address = _options.Address.EndsWith(":0", StringComparison.Ordinal) ? _host.EndPoint!.ToString() : _options.Address;
        bool isEncrypted = _webConfig?.HasTls == true;
        _logger.Info("listening for requests and metrics", [("address", address)]);
        _logger.Info("Listening on", [("address", address)]);
        _logger.Info(isEncrypted ? "TLS is enabled." : "TLS is disabled.", [("http2", isEncrypted && _webConfig!.Http2), ("address", address)]);
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
        await _host.StopAsync(grace.Token);
        _logger.Info("internal server is shutdown gracefully", [("err", reason)]);
        _context.Probe.SetNotHealthy(reason);
    }

    private void Listen(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        _webConfig?.UseTls(listen);
    }

    private static void Limit(KestrelServerOptions options)
    {
        options.Limits.MaxRequestBodySize = MaxBodyBytes;
        // A query is often part of the request line; upstream's server takes a megabyte of headers.
        options.Limits.MaxRequestLineSize = MaxHeaderBytes;
        options.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        options.Limits.MaxRequestBufferSize = 2 * MaxHeaderBytes;
        options.Limits.MaxResponseBufferSize = MaxResponseBytes;
        options.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
    }

    private static void ConfigureForms(IServiceCollection services) => services.Configure<FormOptions>(forms =>
    {
        forms.BufferBody = false;
        forms.ValueLengthLimit = MaxBodyBytes;
        forms.ValueCountLimit = 100_000;
    });
}
