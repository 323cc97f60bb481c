using System.Net;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting.Tests;

/// <summary>Several components in one process, as <c>aion standalone</c> runs them.</summary>
public sealed class OneProcessTests
{
    [Fact]
    public async Task Components_share_a_run_group_and_nothing_else()
    {
        using CancellationTokenSource stop = new();
        using LogOutput log = new(Stream.Null, LogFormat.Logfmt, LogLevel.Debug, TimeProvider.System);
        RunGroup group = new(log.CreateLogger("x"), TimeProvider.System);
        ComponentContext[] contexts = [.. new[] { "query", "store" }.Select(name => new ComponentContext(name, log, TimeProvider.System, TestServer.NewContext().Environment))];
        HttpServer[] servers = [.. contexts.Select(context => new HttpServer(context, new HttpServerOptions { Address = "127.0.0.1:0" }))];
        foreach (HttpServer server in servers) server.AddTo(group);
        Task running = group.RunAsync(stop.Token);

        contexts[0].Probe.SetReady();
        using HttpClient client = new();
        string[] metrics = await Task.WhenAll(servers.Select(async server => await client.GetStringAsync($"http://{await server.Listening}/metrics")));

        Assert.Contains("thanos_status{component=\"query\",check=\"ready\"} 1\n", metrics[0]);
        Assert.DoesNotContain("component=\"query\"", metrics[1]);
        Assert.Contains("thanos_status{component=\"store\",check=\"ready\"} 0\n", metrics[1]);

        await stop.CancelAsync();
        await running;
        Assert.All(contexts, context => Assert.False(context.Probe.IsHealthy));
    }

    [Fact]
    public async Task The_first_component_that_fails_ends_them_all()
    {
        using LogOutput log = new(Stream.Null, LogFormat.Logfmt, LogLevel.Debug, TimeProvider.System);
        RunGroup group = new(log.CreateLogger("x"), TimeProvider.System);
        ComponentContext first = TestServer.NewContext();
        HttpServer server = new(first, new HttpServerOptions { Address = "127.0.0.1:0" });
        server.AddTo(group);
        HttpServer second = new(TestServer.NewContext(), new HttpServerOptions { Address = "127.0.0.1:0" });
        group.Add("depends", async _ =>
        {
            IPEndPoint endPoint = await server.Listening;
            throw new ComponentException($"lost {endPoint.Address}");
        });
        second.AddTo(group);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => group.RunAsync(CancellationToken.None));

        Assert.Equal("lost 127.0.0.1", error.Message);
        Assert.False(first.Probe.IsHealthy);
    }
}
