using System.Text;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace Aion.Hosting.Tests;

public sealed class TracingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_go_to_a_collector_over_http()
    {
        await using var collector = new StubHttpServer(_ => new StubAnswer(200, "", "application/x-protobuf"));
        SampleProgram program = new(UseBucketAsync);

        int code = await program.RunAsync(
        [
            "query",
            $"--tracing.config={{type: OTLP, config: {{client_type: http, insecure: true, endpoint: \"{collector.Address}\", service_name: shop, resource_attributes: {{zone: $(REGION)}}, headers: {{X-Key: \"a,b=c\"}}}}}}",
        ]);

        Assert.True(code == 0, program.Error);
        StubRequest sent = Assert.Single(collector.Requests);
        Assert.Equal(("POST", "/v1/traces", "application/x-protobuf"), (sent.Method, sent.Target, sent.Header("Content-Type")));
        Assert.Equal("a,b=c", sent.Header("X-Key"));
        string text = Encoding.Latin1.GetString(sent.Body);
        Assert.All((string[])["bucket_upload", "bucket_get", "the/object", "inmem", "shop", "zone", "eu", BucketTracing.SourceName], part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Spans_go_to_a_collector_over_grpc()
    {
        var received = new TaskCompletionSource<(string Path, byte[] Body)>();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.ListenLocalhostHttp2());
        await using WebApplication collector = builder.Build();
        collector.Run(async request =>
        {
            using var body = new MemoryStream();
            await request.Request.Body.CopyToAsync(body);
            received.TrySetResult((request.Request.Path, body.ToArray()));
            request.Response.ContentType = "application/grpc";
            await request.Response.Body.WriteAsync(new byte[5]);
            request.Response.AppendTrailer("grpc-status", "0");
        });
        await collector.StartAsync(Cancellation);
        SampleProgram program = new(UseBucketAsync);

        int code = await program.RunAsync(
            ["query", $"--tracing.config={{type: otlp, config: {{client_type: grpc, insecure: true, endpoint: \"{new Uri(collector.Urls.First()).Authority}\", compression: none}}}}"]);

        Assert.True(code == 0, program.Error);
        (string path, byte[] sent) = await received.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        Assert.Equal("/opentelemetry.proto.collector.trace.v1.TraceService/Export", path);
        Assert.All((string[])["bucket_get", "aion-query"], part => Assert.Contains(part, Encoding.Latin1.GetString(sent), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_is_not_there_stops_nobody()
    {
        SampleProgram program = new(UseBucketAsync);

        Assert.Equal(0, await program.RunAsync(["query", "--tracing.config={type: OTLP, config: {client_type: http, insecure: true, endpoint: \"127.0.0.1:1\"}}"]));
    }

    [Theory]
    [InlineData("type: JAEGER", "tracing with type JAEGER is not supported by Aion (field type); supported: OTLP")]
    [InlineData("{type: stackdriver, config: {}}", "tracing with type STACKDRIVER is not supported by Aion")]
    [InlineData("type: ELASTIC_APM", "tracing with type ELASTIC_APM is not supported by Aion")]
    [InlineData("type: LIGHTSTEP", "tracing with type LIGHTSTEP is not supported by Aion")]
    [InlineData("type: ZZ", "tracing with type ZZ is not supported")]
    [InlineData("{type: OTLP, zz: 1}", "field zz is not known")]
    [InlineData("{type: OTLP, config: {}}", "field config.client_type: otlp: invalid client type \"\"")]
    [InlineData("{type: OTLP, config: {client_type: GRPC}}", "otlp: invalid client type \"GRPC\"")]
    [InlineData("{type: OTLP, config: {client_type: grpc, zz: 1}}", "field config.zz is not known")]
    [InlineData("{type: OTLP, config: {client_type: grpc, url_path: /x}}", "field config.url_path: belongs to client_type http")]
    [InlineData("{type: OTLP, config: {client_type: grpc, endpoint: \"http://h\"}}", "field config.endpoint: must be host:port")]
    [InlineData("{type: OTLP, config: {client_type: grpc, compression: zip}}", "field config.compression: must be gzip or none")]
    [InlineData("{type: OTLP, config: {client_type: grpc, timeout: 5x}}", "field config.timeout")]
    [InlineData("{type: OTLP, config: {client_type: grpc, retry_config: {zz: 1}}}", "field config.retry_config.zz is not known")]
    [InlineData("{type: OTLP, config: {client_type: grpc, tls_config: {cert_file: x}}}", "field config.tls_config.key_file: cert_file and key_file must be given together")]
    public void Errors_name_the_field(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<ComponentException>(() => TracingConfig.Read(yaml, NullLogger.Instance)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", 1, true)]
    [InlineData("sampler_type: zz", 1, true)]
    [InlineData("sampler_type: AlwaysSample", 1, false)]
    [InlineData("sampler_type: neversample", 0, false)]
    [InlineData("sampler_type: traceidratiobased, sampler_param: \"0.25\"", 0.25, false)]
    [InlineData("sampler_type: traceidratiobased, sampler_param: x", 1, false)]
    [InlineData("sampler_type: parentbasedalwayssample, sampler_param: \"0.1\"", 1, true)]
    [InlineData("sampler_type: parentbasedneversample", 0, true)]
    [InlineData("sampler_type: ParentBasedTraceIDRatioBased, sampler_param: \"0.5\"", 0.5, true)]
    public void Samplers_are_those_of_Thanos(string settings, double ratio, bool parentDecides)
    {
        TracingConfig config = TracingConfig.Read($"{{type: OTLP, config: {{client_type: http, {settings}}}}}", NullLogger.Instance);

        Assert.Equal((ratio, parentDecides), (config.Ratio, config.ParentDecides));
        Assert.Equal("https://localhost:4318/v1/traces", config.Endpoint.ToString());
        Assert.Equal(TimeSpan.FromSeconds(10), config.Timeout);
    }

    private static async Task UseBucketAsync(SampleFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        var bucket = new MeteredBucket(
            new InMemoryBucket(TimeProvider.System), new BucketMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())), TimeProvider.System);
        await bucket.UploadAsync("the/object", "1"u8.ToArray(), cancellationToken);
        await bucket.ReadAllAsync("the/object", 10, cancellationToken);
    }
}

file static class KestrelOptions
{
    public static void ListenLocalhostHttp2(this KestrelServerOptions kestrel) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
}
