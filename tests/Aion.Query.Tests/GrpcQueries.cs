using Aion.Hosting;
using Aion.Protocol;
using Aion.StoreApi;
using Aion.StoreApi.Tests;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Query.Tests;

/// <summary>The service <c>thanos.Query</c> over a source, behind a real gRPC server on a free port.</summary>
internal sealed class GrpcQueries : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly GrpcChannel _channel;

    private GrpcQueries(LoopbackServer server, QueryApi api)
    {
        _server = server;
        _channel = GrpcChannel.ForAddress($"http://{server.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Invoker = _channel.CreateCallInvoker();
        Budgets = api.Budgets;
    }

    public CallInvoker Invoker { get; }

    public QueryBudgets Budgets { get; }

    public static async Task<GrpcQueries> StartAsync(IQuerySource source, QueryApiOptions options)
    {
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = new BuildInformation("1.2.3", "abc", "main") };
        var context = new ComponentContext("query", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var api = new QueryApi(options, source, context, [], new FleetProxy(_ => [], options.Parser, new PeerSilence(TimeSpan.Zero, context.Time)));
        LoopbackServer server = await LoopbackServer.StartAsync(
            new ProxyStore(() => [], new ProxyOptions()), ServedApis.Store | ServedApis.Query, null,
            services => services.AddSingleton(new QueryService(api.Calls)), app => app.MapGrpcService<QueryService>());
        return new GrpcQueries(server, api);
    }

    /// <summary>All messages of an answer; T is the generated response.</summary>
    public async Task<List<T>> AskAsync<TRequest, T>(string method, TRequest request)
        where TRequest : class, Google.Protobuf.IMessage<TRequest>, new()
        where T : class, Google.Protobuf.IMessage<T>, new()
    {
        var call = new Method<TRequest, T>(
            MethodType.ServerStreaming, QueryMethods.ServiceName, method, ProtobufMarshaller.For(new Google.Protobuf.MessageParser<TRequest>(() => new TRequest())),
            ProtobufMarshaller.For(new Google.Protobuf.MessageParser<T>(() => new T())));
        using AsyncServerStreamingCall<T> running = Invoker.AsyncServerStreamingCall(call, null, new CallOptions(), request);
        List<T> frames = [];
        while (await running.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) frames.Add(running.ResponseStream.Current);
        return frames;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }
}
