using Aion.Model;
using Aion.Protocol;
using Aion.Protocol.Wire;
using Aion.Storage;
using Aion.Testing;
using Grpc.Core;
using InfoApi = Aion.Protocol.Wire.InfoApi;

namespace Aion.StoreApi.Tests;

public sealed class StoreServiceTests
{
    private static readonly IReadOnlyList<ChunkSeries> FiveSeries =
    [
        .. Enumerable.Range(0, 5).Select(i => new ChunkSeries(
            Labels.Of("a", $"{i}"), [new SeriesChunk(0, 10, new Aion.Storage.Chunk(ChunkEncoding.Xor, new byte[] { 0, (byte)i }))])),
    ];

    [Theory]
    [InlineData(0, new[] { 1, 1, 1, 1, 1 }, false)]
    [InlineData(1, new[] { 1, 1, 1, 1, 1 }, false)]
    [InlineData(2, new[] { 2, 2, 1 }, true)]
    [InlineData(64, new[] { 5 }, true)]
    public async Task Messages_hold_as_many_series_as_asked(int batchSize, int[] expected, bool batched)
    {
        List<SeriesMessage> messages = await SeriesAsync(new SeriesRequest { MaxTime = 10, ResponseBatchSize = batchSize });

        Assert.Equal(expected, messages.Select(m => m.Series.Count));
        Assert.All(messages, m => Assert.Equal(batched, m.IsBatch));
    }

    [Fact]
    public async Task A_negative_batch_size_is_refused()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => SeriesAsync(new SeriesRequest { ResponseBatchSize = -1 }));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("response_batch_size", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_matchers_are_refused()
    {
        var type = await Assert.ThrowsAsync<RpcException>(() => SeriesAsync(
            new SeriesRequest { Matchers = { new Aion.Protocol.Wire.LabelMatcher { Type = (Aion.Protocol.Wire.LabelMatcher.Types.Type)7, Name = "a" } } }));
        var regex = await Assert.ThrowsAsync<RpcException>(() => SeriesAsync(
            new SeriesRequest { Matchers = { new Aion.Protocol.Wire.LabelMatcher { Type = Aion.Protocol.Wire.LabelMatcher.Types.Type.Re, Name = "a", Value = "(" } } }));

        Assert.Equal((StatusCode.InvalidArgument, "unrecognized label matcher type 7"), (type.StatusCode, type.Status.Detail));
        Assert.Equal(StatusCode.InvalidArgument, regex.StatusCode);
        Assert.StartsWith("error parsing regexp: ", regex.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("snappy")]
    [InlineData("gzip")]
    public async Task A_compressed_request_gets_a_compressed_reply(string encoding)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(new InMemoryStore("memory", Labels.Empty, FiveSeries));
        using var client = new HttpClient();
        // An uncompressed message may come in a call that announces a compression.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{server.Address}/thanos.Store/Series")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 2, 0x10, 10]),
        };
        request.Content.Headers.ContentType = new("application/grpc+proto");
        request.Headers.Add("grpc-encoding", encoding);
        request.Headers.Add("grpc-accept-encoding", encoding);
        request.Headers.Add("te", "trailers");

        using HttpResponseMessage response = await client.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal([encoding], response.Headers.GetValues("grpc-encoding"));
        Assert.Equal(1, body[0]);
        if (encoding == "snappy") Assert.Equal("sNaPpY"u8.ToArray(), body[9..15]);
    }

    [Theory]
    [InlineData("thanos.Store", "Nope", "unknown method Nope for service thanos.Store")]
    [InlineData("thanos.Nope", "X", "unknown service thanos.Nope")]
    public async Task Unknown_calls_are_named(string service, string method, string expected)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(new InMemoryStore("memory", Labels.Empty, FiveSeries));
        using var peer = new GrpcPeer(server.Address, new GrpcClientOptions());
        var raw = new Marshaller<byte[]>(b => b, b => b);

        var error = await Assert.ThrowsAsync<RpcException>(() => peer.Invoker.AsyncUnaryCall(
            new Method<byte[], byte[]>(MethodType.Unary, service, method, raw, raw), null, default, []).ResponseAsync);

        Assert.Equal((StatusCode.Unimplemented, expected), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Info_tells_what_is_served_and_waits_for_readiness()
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            new InMemoryStore("memory", Labels.Of("cluster", "one"), FiveSeries), ServedApis.Store | ServedApis.Rules | ServedApis.Exemplars);
        using var peer = new GrpcPeer(server.Address, new GrpcClientOptions());
        var client = new InfoApi.Info.InfoClient(peer.Invoker);

        InfoApi.InfoResponse info = await client.InfoAsync(new InfoApi.InfoRequest());
        server.Context.Probe.SetNotReady(null);
        var error = await Assert.ThrowsAsync<RpcException>(() => client.InfoAsync(new InfoApi.InfoRequest()).ResponseAsync);

        Assert.Equal(("store", 0L, 10L), (info.ComponentType, info.Store.MinTime, info.Store.MaxTime));
        Assert.True(info.Store.SupportsSharding && info.Store.SupportsWithoutReplicaLabels);
        Assert.NotNull(info.Rules);
        Assert.NotNull(info.Exemplars);
        Assert.Null(info.Targets);
        Assert.Equal((StatusCode.Unknown, "Not ready"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task A_store_that_fails_gives_its_code_after_what_was_sent()
    {
        var store = new InMemoryStore("memory", Labels.Empty, FiveSeries)
        {
            Warnings = ["careful"],
            BeforeFrame = (frame, _) => frame == 1
                ? throw new StoreException(StoreErrorKind.ResourceExhausted, "exceeded series limit")
                : Task.CompletedTask,
        };
        var messages = new List<SeriesMessage>();

        var error = await Assert.ThrowsAsync<RpcException>(() => SeriesAsync(new SeriesRequest { MaxTime = 10 }, store, messages));

        Assert.Equal((StatusCode.ResourceExhausted, "exceeded series limit"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("careful", messages[0].Warning);
        Assert.Equal(4, messages.Count);
    }

    [Fact]
    public async Task The_tenant_comes_from_metadata()
    {
        var store = new InMemoryStore("memory", Labels.Empty, FiveSeries);
        await using LoopbackServer server = await LoopbackServer.StartAsync(store);
        using var peer = new GrpcPeer(server.Address, new GrpcClientOptions());
        var client = new GrpcStore(peer, () => store.Info);

        foreach (string tenant in new[] { "team-a", "" })
        {
            await foreach (var _ in client.SelectAsync(
                new SelectRequest { MinTimeMs = 0, MaxTimeMs = 1, Matchers = [], Tenant = tenant }, default))
            {
            }
        }

        Assert.Equal(["team-a", "default-tenant"], store.Requests.Select(r => r.Tenant));
    }

    [Fact]
    public async Task A_peer_that_is_not_there_is_named()
    {
        using var peer = new GrpcPeer("127.0.0.1:1", new GrpcClientOptions());
        var client = new GrpcStore(peer, () => new Aion.Storage.StoreInfo { Component = "store" });

        var error = await Assert.ThrowsAsync<StoreException>(() => client.LabelNamesAsync(
            new Aion.Storage.LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 1 }, default));

        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        Assert.Equal(
            "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:1: "
            + "connect: connection refused\"",
            StoreErrors.Text(error));
    }

    private static Task<List<SeriesMessage>> SeriesAsync(SeriesRequest request) =>
        SeriesAsync(request, new InMemoryStore("memory", Labels.Empty, FiveSeries), []);

    private static async Task<List<SeriesMessage>> SeriesAsync(SeriesRequest request, IStore store, List<SeriesMessage> messages)
    {
        await using LoopbackServer server = await LoopbackServer.StartAsync(store);
        using var peer = new GrpcPeer(server.Address, new GrpcClientOptions());
        using var call = peer.Invoker.AsyncServerStreamingCall(StoreMethods.Series, null, default, request);
        while (await call.ResponseStream.MoveNext(default)) messages.Add(call.ResponseStream.Current);
        return messages;
    }
}
