using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Aion.Hosting.Tests;

/// <summary>A real server on a free port.</summary>
public sealed class HttpServerTests
{
    [Fact]
    public async Task Probes_start_as_no_and_follow_the_component()
    {
        await using TestServer server = await TestServer.StartAsync();

        Assert.Equal((HttpStatusCode.OK, "OK"), await server.GetAsync("/-/healthy"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "NOT OK\n"), await server.GetAsync("/-/ready"));
        server.Context.Probe.SetReady();
        Assert.Equal((HttpStatusCode.OK, "OK"), await server.GetAsync("/-/ready"));
        Assert.Equal((HttpStatusCode.OK, "OK"), await server.SendAsync(HttpMethod.Post, "/-/ready"));
        Assert.Equal((HttpStatusCode.OK, ""), await server.SendAsync(HttpMethod.Head, "/-/ready"));
    }

    [Fact]
    public async Task Metrics_show_probe_build_and_process()
    {
        await using TestServer server = await TestServer.StartAsync();

        (HttpStatusCode status, string text) = await server.GetAsync("/metrics");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("thanos_status{component=\"test\",check=\"healthy\"} 1\n", text);
        Assert.Contains("thanos_status{component=\"test\",check=\"ready\"} 0\n", text);
        Assert.Contains("thanos_build_info{", text);
        Assert.Contains("process_resident_memory_bytes ", text);
    }

    [Theory]
    [InlineData("", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("text/plain;version=1.0.0", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("application/json", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("*/*", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("application/openmetrics-text", "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")]
    public async Task Metrics_come_in_the_form_the_client_asks_for(string accept, string contentType)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        if (accept.Length > 0) request.Headers.TryAddWithoutValidation("Accept", accept);

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(contentType, response.Content.Headers.GetValues("Content-Type").Single());
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(contentType.StartsWith("application", StringComparison.Ordinal), text.EndsWith("# EOF\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_are_compressed_for_clients_that_take_it()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/metrics");
        request.Headers.AcceptEncoding.ParseAdd("zstd, gzip");

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
        Assert.Contains("\ngo_memstats_alloc_bytes ", await UnzipAsync(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Long_queries_fit_the_request_line_and_a_form()
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);
        string query = new('q', 500_000);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/v1/get?query=" + query)).Status);
        using FormUrlEncodedContent form = new(Enumerable.Range(0, 5000).Select(i => KeyValuePair.Create("match[]", "m" + i)).Append(new("query", query + query)));
        using HttpResponseMessage response = await server.Client.PostAsync("/api/v1/form", form, TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"success","data":1005000}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Profiles_are_refused_with_the_way_to_take_one()
    {
        await using TestServer server = await TestServer.StartAsync();

        (HttpStatusCode status, string text) = await server.GetAsync("/debug/pprof/heap");

        Assert.Equal(HttpStatusCode.NotImplemented, status);
        Assert.Contains("dotnet-trace", text);
    }

    [Theory]
    [InlineData("GET", "/nope", 404, "404 page not found\n", null)]
    [InlineData("GET", "/api/v1/nope", 404, "404 page not found\n", null)]
    [InlineData("DELETE", "/api/v1/both", 405, "Method Not Allowed\n", "GET, OPTIONS, POST")]
    [InlineData("POST", "/api/v1/get", 405, "Method Not Allowed\n", "GET, OPTIONS")]
    public async Task Unknown_paths_and_methods_answer_in_plain_text(string method, string path, int status, string body, string? allow)
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);
        using HttpRequestMessage request = new(new HttpMethod(method), path);

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((status, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        if (allow is not null) Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("/api/v1/get/", 301, "/api/v1/get")]
    [InlineData("/API/v1/get?a=1&b=2", 301, "/api/v1/get?a=1&b=2")]
    [InlineData("/api/v1//get?a=1", 307, "/api/v1/get?a=1")]
    public async Task Sloppy_paths_are_redirected(string path, int status, string location)
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);

        using HttpResponseMessage response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal((status, location), ((int)response.StatusCode, response.Headers.Location?.ToString()));
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Success_is_wrapped_and_carries_the_api_headers()
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);

        using HttpResponseMessage response = await server.Client.GetAsync("/api/v1/get", TestContext.Current.CancellationToken);

        Assert.Equal("""{"status":"success","data":{"a":"\u003cü\u0026\u003e"}}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("GET, POST, OPTIONS", string.Join(", ", response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        Assert.Null(response.Headers.CacheControl);
        Assert.Equal(response.Content.Headers.ContentLength, (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public async Task Options_answers_no_content()
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);

        Assert.Equal((HttpStatusCode.NoContent, ""), await server.SendAsync(HttpMethod.Options, "/api/v1/anything/below"));
    }

    [Theory]
    [InlineData("bad", 400, "bad_data")]
    [InlineData("execution", 422, "execution")]
    [InlineData("timeout", 503, "timeout")]
    [InlineData("crash", 500, "internal")]
    public async Task Errors_are_wrapped_with_their_status_and_never_cached(string kind, int status, string type)
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);

        using HttpResponseMessage response = await server.Client.GetAsync("/api/v1/fail?kind=" + kind, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($$"""{"status":"error","errorType":"{{type}}","error":"it is \"{{kind}}\""}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Theory]
    [InlineData("PromQL info: fine", false)]
    [InlineData("a store is missing", true)]
    public async Task Only_warnings_that_are_no_annotations_forbid_caching(string warning, bool isForbidden)
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);

        using HttpResponseMessage response = await server.Client.GetAsync("/api/v1/warn?text=" + warning, TestContext.Current.CancellationToken);

        Assert.Equal($$"""{"status":"success","data":1,"warnings":["{{warning}}"]}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(isForbidden, response.Headers.CacheControl?.NoStore ?? false);
    }

    [Theory]
    [InlineData(10, false)]
    [InlineData(900, false)]
    [InlineData(1100, true)]
    [InlineData(5_000_000, true)]
    public async Task Long_answers_are_compressed_for_clients_that_take_it(int length, bool isCompressed)
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1/long?length=" + length);
        request.Headers.AcceptEncoding.ParseAdd("gzip");

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(isCompressed, response.Content.Headers.ContentEncoding.Contains("gzip"));
        string text = isCompressed ? await UnzipAsync(body) : Encoding.UTF8.GetString(body);
        Assert.Equal(length, JsonDocument.Parse(text).RootElement.GetProperty("data").GetString()!.Length);
        (_, string plain) = await server.GetAsync("/api/v1/long?length=" + length);
        Assert.Equal(text, plain);
    }

    [Fact]
    public async Task Api_requests_are_counted_under_their_handler()
    {
        await using TestServer server = await TestServer.StartAsync(MapSample);
        await server.GetAsync("/api/v1/get");
        await server.GetAsync("/api/v1/fail?kind=bad");

        (_, string metrics) = await server.GetAsync("/metrics");

        Assert.Contains("http_requests_total{code=\"200\",handler=\"get\",method=\"get\"} 1\n", metrics);
        Assert.Contains("http_requests_total{code=\"400\",handler=\"fail\",method=\"get\"} 1\n", metrics);
        Assert.Contains("http_request_duration_seconds_bucket{code=\"200\",handler=\"get\",method=\"get\",le=\"0.3\"} 1\n", metrics);
        Assert.Contains("http_inflight_requests{handler=\"get\",method=\"GET\"} 0\n", metrics);
    }

    [Fact]
    public async Task A_busy_port_is_an_error_that_names_it()
    {
        await using TestServer first = await TestServer.StartAsync();
        IPEndPoint taken = await first.Server.Listening;

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => TestServer.StartAsync(address: taken.ToString()));

        Assert.Equal($"listen tcp {taken}: bind: address already in use", error.Message);
    }

    [Theory]
    [InlineData("zz", "listen tcp: address zz: missing port in address")]
    [InlineData("127.0.0.1:99999", "listen tcp: address 99999: invalid port")]
    [InlineData("::1:80", "listen tcp: address ::1:80: too many colons in address")]
    public async Task A_bad_address_fails_at_setup(string address, string message)
    {
        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => TestServer.StartAsync(address: address));

        Assert.Equal(message, error.Message);
    }

    private static void MapSample(IEndpointRouteBuilder endpoints, ComponentContext context)
    {
        ApiRoutes api = new(endpoints, new HttpMetrics(context.Metrics), context.Logger, "", sendsCors: true);
        api.MapOptions();
        api.MapGet("/get", "get", (_, _) => Task.FromResult(ApiResult.Json(w =>
        {
            w.WriteStartObject();
            w.WriteString("a", "<ü&>");
            w.WriteEndObject();
        })));
        api.MapGetAndPost("/both", "both", (_, _) => Task.FromResult(ApiResult.NoContent));
        api.MapPost("/form", "form", async (http, cancellationToken) =>
        {
            IFormCollection form = await http.Request.ReadFormAsync(cancellationToken);
            int size = form["match[]"].Count + form["query"].ToString().Length;
            return ApiResult.Json(w => w.WriteNumberValue(size));
        });
        api.MapGet("/fail", "fail", (http, _) => throw Failure(http.Request.Query["kind"].ToString()));
        api.MapGet("/warn", "warn", (http, _) => Task.FromResult(ApiResult.Json(w => w.WriteNumberValue(1), [http.Request.Query["text"].ToString()])));
        api.MapGet("/long", "long", (http, _) =>
        {
            string text = new('x', int.Parse(http.Request.Query["length"].ToString(), System.Globalization.CultureInfo.InvariantCulture));
            return Task.FromResult(ApiResult.Json(w => w.WriteStringValue(text)));
        });
    }

    private static Exception Failure(string kind) => kind switch
    {
        "bad" => new ApiException(ApiErrorType.BadData, "it is \"bad\""),
        "execution" => new ApiException(ApiErrorType.Execution, "it is \"execution\""),
        "timeout" => new ApiException(ApiErrorType.Timeout, "it is \"timeout\""),
        _ => new InvalidOperationException("it is \"crash\""),
    };

    private static async Task<string> UnzipAsync(byte[] body)
    {
        using StreamReader reader = new(new System.IO.Compression.GZipStream(new MemoryStream(body), System.IO.Compression.CompressionMode.Decompress));
        return await reader.ReadToEndAsync();
    }
}
