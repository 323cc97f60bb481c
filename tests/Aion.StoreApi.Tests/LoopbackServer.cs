using System.Net;
using Aion.Hosting;
using Aion.Protocol;
using Aion.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreApi.Tests;

/// <summary>A store served over gRPC in clear text on a free port of this machine.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app, ComponentContext context)
    {
        _app = app;
        Context = context;
        var uri = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Address = $"127.0.0.1:{uri.Port}";
    }

    public string Address { get; }

    public ComponentContext Context { get; }

    /// <param name="services">More services, and their routes in <paramref name="routes"/>.</param>
    public static async Task<LoopbackServer> StartAsync(
        IStore store, ServedApis served = ServedApis.Store, StoreServiceOptions? options = null, Action<IServiceCollection>? services = null,
        Action<WebApplication>? routes = null)
    {
        var environment = new ComponentEnvironment
        {
            Variable = _ => null,
            Output = TextWriter.Null,
            Build = BuildInformation.OfEntryAssembly(),
        };
        var context = new ComponentContext("test", NullLoggerFactory.Instance, TimeProvider.System, environment);
        context.Probe.SetReady();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddStoreApi(store, context, served, options);
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        routes?.Invoke(app);
        app.MapStoreApi();
        await app.StartAsync();
        return new LoopbackServer(app, context);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
