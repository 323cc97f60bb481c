using System.Net;
using Aion.Hosting;
using Aion.Protocol;
using Aion.StoreApi;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Query.Tests;

/// <summary>The query API over a source, behind the real HTTP server on a free port.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _running;

    private ApiServer(CancellationTokenSource stop, Task running, HttpClient client, ComponentContext context, QueryApi api)
    {
        _stop = stop;
        _running = running;
        Client = client;
        Context = context;
        Budgets = api.Budgets;
    }

    public HttpClient Client { get; }

    public ComponentContext Context { get; }

    public QueryBudgets Budgets { get; }

    public static async Task<ApiServer> StartAsync(IQuerySource source, QueryApiOptions options, string prefix = "", bool sendsCors = true, Func<ServedApis, IReadOnlyList<ApiPeer>>? peers = null, TimeSpan silence = default)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = new BuildInformation("1.2.3", "abc", "main") };
        var context = new ComponentContext("query", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var api = new QueryApi(options, source, context, [new("query.timeout", "2m"), new("http-address", "127.0.0.1:0")], new FleetProxy(peers ?? (_ => []), options.Parser, new PeerSilence(silence, context.Time)));
        var server = new HttpServer(context, new HttpServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.FromSeconds(5) }, endpoints =>
        {
            var routes = new ApiRoutes(endpoints, new HttpMetrics(context.Metrics), context.Logger, prefix, sendsCors);
            routes.MapOptions();
            api.Map(routes);
            GraphPage.Map(endpoints, prefix);
        });
        var group = new RunGroup(context.Logger, context.Time);
        server.AddTo(group);
        var stop = new CancellationTokenSource();
        Task running = group.RunAsync(stop.Token);
        IPEndPoint address = await server.Listening;
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None })
        {
            BaseAddress = new Uri($"http://{address}"),
        };
        return new ApiServer(stop, running, client, context, api);
    }

    /// <summary>Sends a path as it is written, without tidying it up.</summary>
    public async Task<ApiReply> SendAsync(string method, string path, IEnumerable<KeyValuePair<string, string>>? headers = null, byte[]? body = null)
    {
        var uri = new Uri(Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (body is not null) request.Content = new ByteArrayContent(body);
        foreach (var (name, value) in headers ?? [])
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new ApiReply(
            (int)response.StatusCode,
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public Task<ApiReply> GetAsync(string path) => SendAsync("GET", path);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Client.Dispose();
        _stop.Dispose();
    }
}

/// <summary>An answer with its body as sent.</summary>
internal sealed record ApiReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}
