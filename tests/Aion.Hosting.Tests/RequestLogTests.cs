using System.Text;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting.Tests;

public sealed class RequestLogTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("options: {}", null, null)]
    [InlineData("options: {level: INFO}", null, null)]
    [InlineData("options: {level: DEBUG, decision: {log_end: true}}", LogLevel.Debug, LogLevel.Debug)]
    [InlineData("options: {level: WARNING, decision: {log_end: true}}", LogLevel.Debug, LogLevel.Debug)]
    [InlineData("{options: {level: ERROR, decision: {log_end: true}}, grpc: {options: {level: INFO, decision: {log_start: true, log_end: true}}}}", LogLevel.Error, LogLevel.Information)]
    [InlineData("{options: {level: ERROR, decision: {log_end: true}}, http: {options: {level: INFO}}}", null, LogLevel.Error)]
    public void The_options_of_a_protocol_replace_the_general_ones(string yaml, LogLevel? http, LogLevel? grpc)
    {
        RequestLogConfig config = RequestLogConfig.Parse(yaml);

        Assert.Equal(http, config.Http?.Lowest);
        Assert.Equal(grpc, config.Grpc?.Lowest);
    }

    [Theory]
    [InlineData("options: {decision: {log_end: true}}", "field options.level: level field is empty")]
    [InlineData("options: {level: debug}", "line 1: field options.level: must be INFO, DEBUG, ERROR or WARNING, got debug")]
    [InlineData("http: {options: {level: INFO, decision: {log_start: true}}}", "log start call is not supported: log_start needs log_end")]
    [InlineData("grpc: {options: {level: INFO, decision: {log_start: true}}}", "log decision combination is not supported: log_start needs log_end")]
    [InlineData("http:\n  config:\n  - path: /a\n    method: GET", "line 4: field http.config[0].method is not known")]
    [InlineData("logs: {}", "field logs is not known")]
    [InlineData("grpc: {config: [a]}", "field grpc.config[0] must be a mapping")]
    [InlineData("{", "parsing config YAML file")]
    public void What_can_not_be_understood_is_named(string yaml, string expected)
    {
        var e = Assert.Throws<ComponentException>(() => RequestLogConfig.Parse(yaml));

        Assert.StartsWith("--request.logging-config: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Chosen_requests_are_listed_by_path_and_port_or_service_and_method()
    {
        RequestLogConfig config = RequestLogConfig.Parse("""
            options: {level: DEBUG, decision: {log_end: true}}
            http: {config: [{path: /api/v1/query, port: 10902}]}
            grpc: {config: [{service: thanos.Store, method: Series}]}
            """);

        Assert.Equal(["/api/v1/query:10902"], config.Http!.Only);
        Assert.Equal(["/thanos.Store/Series"], config.Grpc!.Only);
    }

    [Fact]
    public async Task Requests_to_the_API_are_logged_and_others_are_not()
    {
        string[] lines = await LinesOfAsync(_ => new RequestLogRules(LogLevel.Debug, Starts: true, new HashSet<string>()));

        Assert.Equal(["started call", "finished call", "started call", "finished call"], lines.Select(MessageOf));
        Assert.All(lines, l => Assert.Contains("protocol=http http.component=server", l, StringComparison.Ordinal));
        Assert.Contains("http.method=\"GET /api/v1/good?a=b\" http.request_id=me http.user_agent=", lines[1], StringComparison.Ordinal);
        Assert.Contains("http.status_code=200 http.time_ms=", lines[1], StringComparison.Ordinal);
        Assert.Contains("http.remote_addr=127.0.0.1:", lines[1], StringComparison.Ordinal);
        Assert.Contains("thanos.method_name=good", lines[1], StringComparison.Ordinal);
        Assert.Contains("level=debug", lines[1], StringComparison.Ordinal);
        Assert.Contains("http.status_code=500", lines[3], StringComparison.Ordinal);
        Assert.Contains("level=error", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_level_leaves_out_what_went_well() =>
        Assert.Contains("http.status_code=500", Assert.Single(await LinesOfAsync(_ => new RequestLogRules(LogLevel.Error, Starts: true, new HashSet<string>()))), StringComparison.Ordinal);

    [Theory]
    [InlineData("/api/v1/good")]
    [InlineData("/api/v1/good?a=b")]
    public async Task Only_the_chosen_path_is_logged(string path) => Assert.Contains(
        "thanos.method_name=good",
        Assert.Single(await LinesOfAsync(port => new RequestLogRules(LogLevel.Debug, Starts: false, new HashSet<string> { $"{path}:{port}" }))),
        StringComparison.Ordinal);

    private static string MessageOf(string line) => line.Contains("msg=\"started call\"", StringComparison.Ordinal) ? "started call" : "finished call";

    private static async Task<string[]> LinesOfAsync(Func<int, RequestLogRules> rulesOf)
    {
        using var log = new MemoryStream();
        int port = FreePort();
        await using (TestServer server = await TestServer.StartAsync(
            (routes, context) =>
            {
                var api = new ApiRoutes(routes, new HttpMetrics(context.Metrics), context.Logger, "", sendsCors: false);
                api.MapGet("/good", "good", static (_, _) => Task.FromResult(ApiResult.Json(static json => json.WriteNullValue())));
                api.MapGet("/bad", "bad", static (_, _) => throw new ApiException(ApiErrorType.Internal, "broken"));
            },
            $"127.0.0.1:{port}", log: log, requestLog: rulesOf(port)))
        {
            server.Client.DefaultRequestHeaders.Add(ApiRoutes.RequestIdHeader, "me");
            await server.GetAsync("/-/healthy");
            await server.GetAsync("/api/v1/good?a=b");
            await server.GetAsync("/api/v1/bad");
        }

        return [.. Encoding.UTF8.GetString(log.ToArray()).Split('\n').Where(l => l.Contains("call\"", StringComparison.Ordinal))];
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
