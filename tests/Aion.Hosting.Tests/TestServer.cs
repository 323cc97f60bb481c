using System.Net;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting.Tests;

/// <summary>An <see cref="HttpServer"/> in a run group of its own, with a client.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TestServer(ComponentContext context, HttpServer server, RunGroup group)
    {
        Context = context;
        Server = server;
        _running = group.RunAsync(_stop.Token);
    }

    public ComponentContext Context { get; }

    public HttpServer Server { get; }

    public HttpClient Client { get; private set; } = null!;

    public static async Task<TestServer> StartAsync(Action<IEndpointRouteBuilder, ComponentContext>? map = null, string address = "127.0.0.1:0",
        string configPath = "", Stream? log = null, RequestLogRules? requestLog = null)
    {
        ComponentContext context = NewContext(log);
        HttpServerOptions options = new() { Address = address, ConfigPath = configPath, GracePeriod = TimeSpan.FromSeconds(5), RequestLog = requestLog };
        HttpServer server = new(context, options, endpoints => map?.Invoke(endpoints, context));
        RunGroup group = new(context.Logger, TimeProvider.System);
        server.AddTo(group);
        TestServer running = new(context, server, group);
        IPEndPoint endPoint = await server.Listening;
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false };
#pragma warning disable CA5359 // the test's own certificate
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        string scheme = configPath.Length > 0 && File.ReadAllText(configPath).Contains("cert", StringComparison.Ordinal) ? "https" : "http";
        running.Client = new HttpClient(handler) { BaseAddress = new Uri($"{scheme}://{endPoint}") };
        return running;
    }

    public static ComponentContext NewContext(Stream? log = null) => new("test",
        new LogOutput(log ?? Stream.Null, LogFormat.Logfmt, LogLevel.Debug, TimeProvider.System), TimeProvider.System,
        new ComponentEnvironment
        {
            Variable = static _ => null,
            Output = TextWriter.Null,
            Build = new BuildInformation("1.2.3", "abc", "main"),
        });

    public Task<(HttpStatusCode Status, string Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, string? authorization = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using HttpResponseMessage response = await Client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Client.Dispose();
        _stop.Dispose();
    }
}
