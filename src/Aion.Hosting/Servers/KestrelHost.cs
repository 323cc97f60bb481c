using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// One listener with a container of its own: reads no settings file and no environment variable, installs no signal handler. Start and
/// stop may come from different tasks in any order; a stop before the start keeps it from starting.
/// </summary>
internal sealed class KestrelHost : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly string _address;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private bool _isStarted;
    private bool _isStopped;

    private KestrelHost(WebApplication application, string address)
    {
        _application = application;
        _address = address;
    }

    public WebApplication Application => _application;

    /// <summary>Where it listens; null before the start.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    public static KestrelHost Build(string address, ILoggerFactory loggers, TimeProvider time, Action<ListenOptions> listen,
        Action<KestrelServerOptions> limits, Action<IServiceCollection> services)
    {
        IPEndPoint endPoint = ListenAddress.Resolve(address);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            limits(options);
            options.Listen(endPoint, listen);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddRoutingCore();
        services(builder.Services);
        return new KestrelHost(builder.Build(), address);
    }

    /// <returns>False when it was stopped before.</returns>
    /// <exception cref="ComponentException">The address cannot be listened on.</exception>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            if (_isStopped) return false;
            await _application.StartAsync(cancellationToken);
            _isStarted = true;
            string url = _application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
            EndPoint = IPEndPoint.Parse(url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..]);
            return true;
        }
        catch (IOException e)
        {
            string why = e.InnerException is AddressInUseException ? "address already in use" : e.InnerException?.Message ?? e.Message;
            throw new ComponentException($"listen tcp {_address}: bind: {why}");
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new ComponentException($"listen tcp {_address}: bind: {e.Message}");
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops accepting, waits for running requests until <paramref name="cancellationToken"/>, then cuts them off.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Not cancellable: a start that is under way ends soon, and then there is something to stop.
        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            _isStopped = true;
            if (!_isStarted) return;
            _isStarted = false;
            await _application.StopAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The requests that are left were cut off, as asked.
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>A stop that comes later does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync();
        _isStopped = true;
        _isStarted = false;
        _changing.Release();
        await _application.DisposeAsync();
    }

    /// <summary>Signals belong to the process, not to one of its listeners.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
