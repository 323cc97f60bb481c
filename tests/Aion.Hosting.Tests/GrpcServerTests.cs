using System.Net;
using System.Text;
using Aion.Testing;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Hosting.Tests;

public sealed class GrpcServerTests
{
    [Fact]
    public async Task Health_follows_readiness()
    {
        await using Running running = await Running.StartAsync();
        Health.HealthClient health = new(running.Channel);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        running.Context.Probe.SetReady();
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest())).Status);
    }

    [Fact]
    public async Task Reflection_answers_in_both_versions()
    {
        await using Running running = await Running.StartAsync();

        Grpc.Reflection.V1.ServerReflection.ServerReflectionClient now = new(running.Channel);
        using var call = now.ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new Grpc.Reflection.V1.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        Assert.Contains("grpc.health.v1.Health", call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name));

        Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient old = new(running.Channel);
        using var oldCall = old.ServerReflectionInfo();
        await oldCall.RequestStream.WriteAsync(new Grpc.Reflection.V1Alpha.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await oldCall.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Messages_beyond_the_librarys_own_limit_pass()
    {
        await using Running running = await Running.StartAsync();

        Assert.Equal(20 << 20, (await running.EchoAsync(new byte[20 << 20])).Length);
    }

    [Theory]
    [InlineData("", 4, 1)]
    [InlineData("/test.Echo/Echo", 4, 1)]
    [InlineData("/test.Echo/Hang", 0, 0)]
    public async Task Calls_are_logged_where_the_configuration_says_so(string only, int calls, int errors)
    {
        using var log = new MemoryStream();
        var rules = new RequestLogRules(LogLevel.Debug, Starts: true, only.Length == 0 ? new HashSet<string>() : new HashSet<string> { only });
        await using (Running running = await Running.StartAsync(log: log, requestLog: rules))
        {
            await running.EchoAsync([0]);
            await Assert.ThrowsAsync<RpcException>(() => running.EchoAsync([1]));
        }

        string[] lines = [.. Encoding.UTF8.GetString(log.ToArray()).Split('\n').Where(l => l.Contains("grpc.method=Echo ", StringComparison.Ordinal))];
        Assert.Equal(calls, lines.Length);
        Assert.Equal(errors, lines.Count(l => l.Contains("level=error", StringComparison.Ordinal) && l.Contains("msg=\"finished call\"", StringComparison.Ordinal)
            && l.Contains("grpc.service=test.Echo", StringComparison.Ordinal) && l.Contains("grpc.method_type=unary", StringComparison.Ordinal)
            && l.Contains("grpc.code=Internal grpc.error=boom grpc.time_ms=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unforeseen_exception_is_internal_and_counted_and_a_status_passes()
    {
        await using Running running = await Running.StartAsync();

        RpcException crash = await Assert.ThrowsAsync<RpcException>(() => running.EchoAsync([1]));
        RpcException bad = await Assert.ThrowsAsync<RpcException>(() => running.EchoAsync([2]));
        Assert.Equal([0], await running.EchoAsync([0]));

        Assert.Equal((StatusCode.Internal, "boom"), (crash.StatusCode, crash.Status.Detail));
        Assert.Equal((StatusCode.InvalidArgument, "bad"), (bad.StatusCode, bad.Status.Detail));
        string metrics = await running.MetricsAsync();
        Assert.Contains("grpc_req_panics_recovered_total 1\n", metrics);
        Assert.Contains("grpc_server_started_total{grpc_method=\"Echo\",grpc_service=\"test.Echo\",grpc_type=\"unary\"} 3\n", metrics);
        Assert.Contains("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Echo\",grpc_service=\"test.Echo\",grpc_type=\"unary\"} 1\n", metrics);
        Assert.Contains("grpc_server_handled_total{grpc_code=\"Internal\",grpc_method=\"Echo\",grpc_service=\"test.Echo\",grpc_type=\"unary\"} 1\n", metrics);
        Assert.Contains("grpc_server_handled_total{grpc_code=\"Canceled\",grpc_method=\"Repeat\",grpc_service=\"test.Echo\",grpc_type=\"server_stream\"} 0\n", metrics);
    }

    [Fact]
    public async Task Stream_messages_are_counted()
    {
        await using Running running = await Running.StartAsync();
        using AsyncServerStreamingCall<byte[]> call = running.Channel.CreateCallInvoker().AsyncServerStreamingCall(EchoMethods.Repeat, null, default, [3]);

        int count = 0;
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) count++;

        Assert.Equal(3, count);
        string metrics = await running.MetricsAsync();
        Assert.Contains("grpc_server_msg_sent_total{grpc_method=\"Repeat\",grpc_service=\"test.Echo\",grpc_type=\"server_stream\"} 3\n", metrics);
    }

    [Fact]
    public async Task A_missed_deadline_is_counted_as_such()
    {
        await using Running running = await Running.StartAsync();
        CallOptions options = new(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(100));

        RpcException late = await Assert.ThrowsAsync<RpcException>(() => running.Channel.CreateCallInvoker().AsyncUnaryCall(EchoMethods.Hang, null, options, [0]).ResponseAsync);

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }

    [Fact]
    public async Task Running_calls_end_within_the_grace_period_and_are_cut_after_it()
    {
        await using Running running = await Running.StartAsync(gracePeriod: TimeSpan.FromMilliseconds(50));
        Task<byte[]> hanging = running.Channel.CreateCallInvoker().AsyncUnaryCall(EchoMethods.Hang, null, default, [0]).ResponseAsync;
        await running.UntilAsync(text => text.Contains("grpc_server_started_total{grpc_method=\"Hang\",grpc_service=\"test.Echo\",grpc_type=\"unary\"} 1\n", StringComparison.Ordinal));

        await running.StopAsync();

        await Assert.ThrowsAsync<RpcException>(() => hanging);
    }

    [Fact]
    public async Task A_connection_is_closed_at_its_age_and_calls_go_on()
    {
        FakeTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using Running running = await Running.StartAsync(time: time);
        string first = Encoding.UTF8.GetString(await running.EchoAsync([3]));
        Assert.Equal(first, Encoding.UTF8.GetString(await running.EchoAsync([3])));

        time.Advance(TimeSpan.FromMinutes(70));

        // Many at once: none may be lost with the old connection.
        string[] seen = [];
        for (int i = 0; i < 100 && !seen.Any(id => id != first); i++)
            seen = [.. (await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => running.EchoAsync([3])))).Select(Encoding.UTF8.GetString)];
        Assert.Contains(seen, id => id != first);
    }

    [Fact]
    public async Task Tls_verifies_clients_against_the_given_authority()
    {
        using TempDirectory directory = new();
        TestCertificates certificates = new(directory.Path);
        await using Running running = await Running.StartAsync(certificates);

        Assert.Equal([0], await running.EchoAsync([0]));
        using GrpcChannel stranger = Running.Connect((await running.Server.Listening), TestCertificates.Stranger());
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => stranger.CreateCallInvoker().AsyncUnaryCall(EchoMethods.Echo, null, default, [0]).ResponseAsync);
        // Which of the two depends on when the client's library sees the connection end.
        Assert.True(refused.StatusCode is StatusCode.Unavailable or StatusCode.Internal, refused.ToString());
    }

    [Theory]
    [InlineData("a", "", "", "both server key and certificate must be provided")]
    [InlineData("", "a", "", "both server key and certificate must be provided")]
    [InlineData("", "", "a", "when a client CA is used a server key and certificate must also be provided")]
    [InlineData("/nope", "/nope", "", "reading server certificate")]
    public void Half_a_tls_configuration_fails_at_setup(string certificate, string key, string authority, string message)
    {
        GrpcServerOptions options = new() { Address = "127.0.0.1:0", CertificatePath = certificate, KeyPath = key, ClientAuthorityPath = authority };

        ComponentException error = Assert.Throws<ComponentException>(() => new GrpcServer(TestServer.NewContext(), options, _ => { }));

        Assert.Contains(message, error.Message);
    }

    [Fact]
    public async Task A_server_that_waits_to_be_ready_stops_without_having_listened()
    {
        ComponentContext context = TestServer.NewContext();
        GrpcServer server = new(context, new GrpcServerOptions { Address = "127.0.0.1:0" }, _ => { });
        RunGroup group = new(context.Logger, TimeProvider.System);
        server.AddTo(group, cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken));
        using CancellationTokenSource stop = new();
        Task run = group.RunAsync(stop.Token);

        await stop.CancelAsync();
        await run;

        Assert.False(server.Listening.IsCompleted);
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Task _running = Task.CompletedTask;

        public required ComponentContext Context { get; init; }

        public required GrpcServer Server { get; init; }

        public GrpcChannel Channel { get; private set; } = null!;

        public static async Task<Running> StartAsync(TestCertificates? certificates = null, TimeSpan? gracePeriod = null, TimeProvider? time = null,
            Stream? log = null, RequestLogRules? requestLog = null)
        {
            ComponentContext template = TestServer.NewContext();
            ComponentContext context = new("test", new LogOutput(log ?? Stream.Null, LogFormat.Logfmt, LogLevel.Debug, TimeProvider.System), time ?? TimeProvider.System,
                template.Environment);
            GrpcServerOptions options = new()
            {
                Address = "127.0.0.1:0",
                GracePeriod = gracePeriod ?? TimeSpan.FromSeconds(5),
                CertificatePath = certificates?.ServerPath ?? "",
                KeyPath = certificates?.ServerKeyPath ?? "",
                ClientAuthorityPath = certificates?.AuthorityPath ?? "",
                RequestLog = requestLog,
            };
            Running running = new() { Context = context, Server = new GrpcServer(context, options, endpoints => endpoints.MapGrpcService<EchoService>()) };
            RunGroup group = new(context.Logger, TimeProvider.System);
            running.Server.AddTo(group);
            running._running = group.RunAsync(running._stop.Token);
            IPEndPoint endPoint = await running.Server.Listening;
            running.Channel = certificates is null
                ? GrpcChannel.ForAddress($"http://{endPoint}", new GrpcChannelOptions { MaxReceiveMessageSize = null })
                : Connect(endPoint, certificates.Client);
            return running;
        }

        public static GrpcChannel Connect(IPEndPoint endPoint, System.Security.Cryptography.X509Certificates.X509Certificate2 client)
        {
            SocketsHttpHandler handler = new();
            handler.SslOptions.ClientCertificates = [client];
#pragma warning disable CA5359 // the test's own certificate
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            return GrpcChannel.ForAddress($"https://{endPoint}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        }

        public Task<byte[]> EchoAsync(byte[] request) =>
            Channel.CreateCallInvoker().AsyncUnaryCall(EchoMethods.Echo, null, default, request).ResponseAsync;

        public async Task<string> MetricsAsync()
        {
            using MemoryStream text = new();
            await Context.Metrics.Registry.CollectAndExportAsTextAsync(text);
            return Encoding.UTF8.GetString(text.ToArray());
        }

        public async Task UntilAsync(Func<string, bool> isTrue)
        {
            while (!isTrue(await MetricsAsync())) await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            Channel.Dispose();
            _stop.Dispose();
        }
    }
}
