using System.Text;
using System.Text.RegularExpressions;
using Aion.Hosting;
using Aion.Protocol;
using Aion.Protocol.Wire.InfoApi;
using Aion.Protocol.Wire.QueryApi;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.Query.Tests;

/// <summary>The whole component, as the program runs it, on free ports.</summary>
public sealed partial class QueryComponentTests
{
    [Fact]
    public async Task It_becomes_ready_answers_and_stops()
    {
        using var run = new Run("--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0", "--web.route-prefix=/p", "--query.replica-label=a,b", "--endpoint-strict=127.0.0.1:1");

        string address = await run.AddressAsync();
        using var client = new HttpClient { BaseAddress = new Uri("http://" + address) };
        await run.UntilAsync("status=ready");

        Assert.Equal("OK", await client.GetStringAsync("/-/ready"));
        Assert.Contains("\"result\":[7,\"3\"]", await client.GetStringAsync("/p/api/v1/query?query=1%2B2&time=7"), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", await client.GetStringAsync("/p/api/v1/stores"), StringComparison.Ordinal);
        Assert.Contains("\"query.replica-label\":\"a,b\"", await client.GetStringAsync("/p/api/v1/status/flags"), StringComparison.Ordinal);
        Assert.Contains("connection refused", await client.GetStringAsync("/p/api/v1/query?query=up"), StringComparison.Ordinal);
        Assert.Contains("<title>Aion | Query</title>", await client.GetStringAsync("/p/graph"), StringComparison.Ordinal);
        string metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("http_requests_total{code=\"200\",handler=\"query\",method=\"get\",tenant=\"default-tenant\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("thanos_status{component=\"query\",check=\"ready\"} 1", metrics, StringComparison.Ordinal);
        Assert.Equal(0, await run.StopAsync());
    }

    [Fact]
    public async Task Its_gRPC_port_says_that_it_answers_queries_and_does()
    {
        using var run = new Run("--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0", "--alert.query-url=https://q.example/\"x");

        string web = await run.AddressAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress("http://" + await run.AddressAsync("listening for serving gRPC"));
        InfoResponse info = await new Info.InfoClient(channel).InfoAsync(new InfoRequest(), new CallOptions().WithWaitForReady(true));
        var query = new Method<QueryRequest, QueryResponse>(
            MethodType.ServerStreaming, "thanos.Query", "Query", ProtobufMarshaller.For(QueryRequest.Parser), ProtobufMarshaller.For(QueryResponse.Parser));
        using AsyncServerStreamingCall<QueryResponse> call = channel.CreateCallInvoker().AsyncServerStreamingCall(
            query, null, new CallOptions(), new QueryRequest { Query = "1 + 2", TimeSeconds = 7 });

        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Equal((7000, 3), (call.ResponseStream.Current.Timeseries.Samples[0].Timestamp, call.ResponseStream.Current.Timeseries.Samples[0].Value));
        Assert.NotNull(info.Query);
        using var client = new HttpClient();
        Assert.Contains("content=\"https://q.example/&quot;x\"", await client.GetStringAsync($"http://{web}/alerts"), StringComparison.Ordinal);
        Assert.Equal(0, await run.StopAsync());
    }

    [Theory]
    [InlineData("--alert.query-url=javascript:alert(1)", "--alert.query-url must begin with http:// or https://")]
    [InlineData("--endpoint-strict=dns+a:1", "dns+a:1 is a dynamically specified endpoint i.e. it uses SD and that is not permitted under strict mode.")]
    [InlineData("--endpoint.sd-config=endpoints: [{strict: true}]", "endpoints[0]: address is missing")]
    [InlineData("--endpoint.info-timeout=0s", "--endpoint.info-timeout must be more than 0s")]
    [InlineData("--selector-label=x", "unrecognized label")]
    public async Task What_cannot_work_is_known_before_anything_starts(string flag, string error)
    {
        using var run = new Run("--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0", flag);

        Assert.Equal(1, await run.Ended);
        Assert.Contains(error, run.Log, StringComparison.Ordinal);
        Assert.Contains("preparing query command failed", run.Log, StringComparison.Ordinal);
    }

    private sealed partial class Run : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly LogStream _log = new();

        public Run(params string[] arguments)
        {
            var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = new BuildInformation("1", "r", "b") };
            Ended = new AionApplication([QueryComponent.Definition]).RunAsync(["query", .. arguments], environment, _log, TimeProvider.System, _stop.Token);
        }

        public Task<int> Ended { get; }

        public string Log => _log.Text;

        public async Task<string> AddressAsync(string listening = "listening for requests and metrics")
        {
            await UntilAsync(listening + "\" address=");
            return Address().Match(Log[Log.IndexOf(listening, StringComparison.Ordinal)..]).Groups[1].Value;
        }

        public async Task UntilAsync(string text)
        {
            while (!Log.Contains(text, StringComparison.Ordinal))
            {
                Assert.False(Ended.IsCompleted, Log);
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        public async Task<int> StopAsync()
        {
            await _stop.CancelAsync();
            return await Ended;
        }

        public void Dispose()
        {
            _stop.Cancel();
            _stop.Dispose();
        }

        [GeneratedRegex("address=(127[.]0[.]0[.]1:[0-9]+)")]
        private static partial Regex Address();
    }

    /// <summary>Keeps what is written; safe to read meanwhile.</summary>
    private sealed class LogStream : MemoryStream
    {
        private readonly StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_text) _text.Append(Encoding.UTF8.GetString(buffer, offset, count));
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_text) _text.Append(Encoding.UTF8.GetString(buffer));
        }
    }
}
