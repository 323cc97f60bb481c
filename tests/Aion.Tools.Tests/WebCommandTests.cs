using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Aion.Tools.Tests;

public sealed class WebCommandTests : IAsyncDisposable
{
    private readonly GoldenStage _stage = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly HttpClient _client = new();
    private Task<ToolRun>? _running;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null) await _running;
        _client.Dispose();
        _stop.Dispose();
        _stage.Dispose();
    }

    [Fact]
    public async Task The_blocks_come_as_a_page_and_as_the_api_has_them()
    {
        await StartAsync("--label=group");

        JsonElement data = await BlocksAsync(5);
        Assert.Equal("group", data.GetProperty("label").GetString());
        Assert.Equal(JsonValueKind.Null, data.GetProperty("err").ValueKind);
        Assert.Equal(_stage.Ids["C"], data.GetProperty("blocks")[0].GetProperty("ulid").GetString());
        foreach (string path in (string[])["/", "/blocks", "/global", "/loaded"])
            Assert.Contains("api/v1/blocks", await _client.GetStringAsync(path), StringComparison.Ordinal);
        JsonElement loaded = JsonDocument.Parse(await _client.GetStringAsync("/api/v1/blocks?view=loaded")).RootElement;
        Assert.Equal(0, loaded.GetProperty("data").GetProperty("blocks").GetArrayLength());
    }

    [Fact]
    public async Task Blocks_are_marked_over_the_api_and_one_that_is_not_there_is_an_error()
    {
        await StartAsync();

        HttpResponseMessage marked = await MarkAsync(_stage.Ids["A0"], "DELETION");
        HttpResponseMessage unknown = await MarkAsync("01AAAAAAAAAAAAAAAAAAAAAAAA", "NO_COMPACTION");

        Assert.Equal(HttpStatusCode.NoContent, marked.StatusCode);
        Assert.True(File.Exists(Path.Combine(_stage.Block("A0"), "deletion-mark.json")));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Contains("is not in bucket", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await MarkAsync(_stage.Ids["A0"], "NOPE")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await MarkAsync("x", "DELETION")).StatusCode);
    }

    [Fact]
    public async Task Without_admin_operations_nothing_is_marked_and_a_prefix_and_filters_hold()
    {
        await StartAsync(
            "--disable-admin-operations", "--web.route-prefix=/x", "--min-time=2026-01-01T02:30:00Z",
            "--selector.relabel-config=[{action: keep, source_labels: [group], regex: a}]");

        JsonElement data = await BlocksAsync(1, "/x");
        Assert.Equal(_stage.Ids["A1"], data.GetProperty("blocks")[0].GetProperty("ulid").GetString());
        HttpResponseMessage refused = await MarkAsync(_stage.Ids["A0"], "DELETION", "/x");
        Assert.Contains("Admin operations are disabled", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "/blocks")]
    [InlineData("", "/told/by/proxy/", "/told/by/proxy/blocks")]
    [InlineData("", "https://example.org/a/../b", "/b/blocks")]
    [InlineData("", "//evil.example/x", "/evil.example/x/blocks")]
    [InlineData("--web.external-prefix=/ext", "/told", "/ext/blocks")]
    [InlineData("--web.external-prefix=http://host:1/ext/", "", "/ext/blocks")]
    public async Task Redirects_lead_to_where_the_user_sees_the_page(string flag, string told, string location)
    {
        // A proxy takes its prefix off, so that the routes are at the root.
        await StartAsync(["--web.route-prefix=/", "--web.prefix-header=X-Prefix", .. flag.Length == 0 ? Array.Empty<string>() : [flag]]);
        using HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _client.BaseAddress };
        using HttpRequestMessage request = new(HttpMethod.Get, "/");
        if (told.Length > 0) request.Headers.Add("X-Prefix", told);

        using HttpResponseMessage answer = await client.SendAsync(request, _stop.Token);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal(location, answer.Headers.Location?.OriginalString);
    }

    private async Task StartAsync(params string[] more)
    {
        int port = FreePort();
        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        _running = ToolProgram.RunAsync(
            ["tools", "bucket", "web", $"--objstore.config-file={Path.Combine(_stage.Folder, "bucket.yml")}", $"--http-address=127.0.0.1:{port}", .. more],
            _stage.Time, stopping: _stop.Token);
        while (true)
        {
            try
            {
                if ((await _client.GetAsync("/-/ready", _stop.Token)).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (!_running.IsCompleted)
            {
                // Not listening yet.
            }

            if (_running.IsCompleted) Assert.Fail((await _running).Error);
            await Task.Delay(20, _stop.Token);
        }
    }

    private async Task<JsonElement> BlocksAsync(int count, string prefix = "")
    {
        while (true)
        {
            JsonElement data = JsonDocument.Parse(await _client.GetStringAsync(prefix + "/api/v1/blocks", _stop.Token)).RootElement.GetProperty("data");
            if (data.GetProperty("blocks").GetArrayLength() == count) return data;
            await Task.Delay(20, _stop.Token);
        }
    }

    private async Task<HttpResponseMessage> MarkAsync(string id, string action, string prefix = "")
    {
        using FormUrlEncodedContent form = new([new("id", id), new("action", action), new("detail", "why")]);
        return await _client.PostAsync(prefix + "/api/v1/blocks/mark", form, _stop.Token);
    }

    // The log tells the port that was taken, but a run in this process tells its log at its end.
    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
