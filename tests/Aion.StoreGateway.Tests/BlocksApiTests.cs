using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>The blocks API behind a real HTTP server.</summary>
public sealed class BlocksApiTests
{
    private const string Known = "01M869F4HRB8B81NANT5VS6KXW";

    [Theory]
    [InlineData("/aion", "", "", "/aion/loaded")]
    [InlineData("https://example.org/a/b/", "X-Forwarded-Prefix", "/other", "/a/b/loaded")]
    [InlineData("", "X-Forwarded-Prefix", "/team/aion/", "/team/aion/loaded")]
    [InlineData("", "X-Forwarded-Prefix", "//evil.example/x", "/evil.example/x/loaded")]
    [InlineData("", "X-Forwarded-Prefix", "/a//b", null)]
    [InlineData("", "X-Forwarded-Prefix", "/a\\b", null)]
    [InlineData("", "", "/team", null)]
    public async Task The_root_leads_to_the_page_under_the_prefix_of_a_proxy(string prefix, string header, string sent, string? location)
    {
        await using RunningApi api = await RunningApi.StartAsync(noMarks: true, prefix, header);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        if (sent.Length > 0) request.Headers.Add("X-Forwarded-Prefix", sent);

        using HttpResponseMessage answer = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(location, answer.Headers.Location?.OriginalString);
        Assert.Equal(location is null ? HttpStatusCode.OK : HttpStatusCode.Found, answer.StatusCode);
    }

    [Fact]
    public async Task Loaded_blocks_are_listed()
    {
        await using RunningApi api = await RunningApi.StartAsync(noMarks: false);

        JsonElement before = await api.DataAsync("/api/v1/blocks?view=loaded");
        await api.Gateway.SyncAsync(CancellationToken.None);
        JsonElement loaded = await api.DataAsync("/api/v1/blocks?view=loaded");
        JsonElement global = await api.DataAsync("/api/v1/blocks");
        string page = await api.Client.GetStringAsync("/loaded", TestContext.Current.CancellationToken);

        Assert.Equal(0, before.GetProperty("blocks").GetArrayLength());
        Assert.Equal("0001-01-01T00:00:00Z", before.GetProperty("refreshedAt").GetString());
        Assert.Equal(Directory.GetDirectories(api.Bucket).Length, loaded.GetProperty("blocks").GetArrayLength());
        Assert.Equal("cluster", loaded.GetProperty("label").GetString());
        Assert.NotEqual("0001-01-01T00:00:00Z", loaded.GetProperty("refreshedAt").GetString());
        Assert.Equal(0, global.GetProperty("blocks").GetArrayLength());
        Assert.Contains("api/v1/blocks?view=loaded", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Marks_are_written_once_and_kept()
    {
        await using RunningApi api = await RunningApi.StartAsync(noMarks: false);

        Assert.Equal(HttpStatusCode.NoContent, (await api.MarkAsync($"id={Known}&action=DELETION&detail=gone")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.MarkAsync($"id={Known}&action=DELETION&detail=again")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await api.MarkAsync("", $"id={Known}&action=NO_COMPACTION&detail=by+form")).Status);

        JsonElement deletion = api.Stored(Known, "deletion-mark.json"), noCompact = api.Stored(Known, "no-compact-mark.json");
        Assert.Equal("gone", deletion.GetProperty("details").GetString());
        Assert.Equal("by form", noCompact.GetProperty("details").GetString());
        Assert.Equal("manual", noCompact.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("", "ID cannot be empty")]
    [InlineData("id=zz&action=DELETION", "ULID \"zz\" is not valid")]
    [InlineData("id=" + Known, "Action cannot be empty")]
    [InlineData("id=" + Known + "&action=NO_DOWNSAMPLE", "not supported marker NO_DOWNSAMPLE")]
    [InlineData("id=" + Known + "&action=deletion", "not supported marker deletion")]
    [InlineData("id=01BX5ZZKBKACTAV9WEVGEMMVRZ&action=DELETION", "block 01BX5ZZKBKACTAV9WEVGEMMVRZ is not in bucket")]
    public async Task A_mark_that_can_not_be_is_refused(string query, string error)
    {
        await using RunningApi api = await RunningApi.StartAsync(noMarks: false);

        (HttpStatusCode status, string text) = await api.MarkAsync(query);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(error, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(api.Bucket, "01BX5ZZKBKACTAV9WEVGEMMVRZ")));
    }

    [Fact]
    public async Task Marks_are_refused_where_they_are_turned_off()
    {
        await using RunningApi api = await RunningApi.StartAsync(noMarks: true);

        (HttpStatusCode status, string text) = await api.MarkAsync($"id={Known}&action=DELETION");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Admin operations are disabled", text, StringComparison.Ordinal);
    }

    private sealed class RunningApi : IAsyncDisposable
    {
        private readonly TempDirectory _temp = new();
        private readonly CancellationTokenSource _stop = new();
        private Task _run = Task.CompletedTask;

        public string Bucket => _temp.Combine("bucket");

        public BucketGateway Gateway { get; private set; } = null!;

        public HttpClient Client { get; private set; } = null!;

        public static async Task<RunningApi> StartAsync(bool noMarks, string prefix = "", string prefixHeader = "")
        {
            var api = new RunningApi();
            CopyFolder(SharedFolder.Require("golden", "wire", "data", "bucket"), api.Bucket);
            var gateway = new TestGateway(new FilesystemBucket(api.Bucket, TimeProvider.System), new StoreGatewayOptions());
            api.Gateway = gateway.Gateway;
            ComponentContext context = gateway.Context;
            var group = new RunGroup(NullLogger.Instance, TimeProvider.System);
            var server = new HttpServer(
                context, new HttpServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.Zero },
                routes =>
                {
                    LoadedBlocksApi.Of(gateway.Gateway, "cluster", noMarks).Map(
                        new ApiRoutes(routes, new HttpMetrics(context.Metrics), context.Logger, prefix: "", sendsCors: true));
                    LoadedPage.Map(routes, prefix, prefixHeader);
                });
            server.AddTo(group);
            api._run = group.RunAsync(api._stop.Token);
            api.Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri($"http://{await server.Listening}") };
            return api;
        }

        public async Task<JsonElement> DataAsync(string path) =>
            JsonDocument.Parse(await Client.GetStringAsync(path)).RootElement.GetProperty("data");

        public async Task<(HttpStatusCode Status, string Text)> MarkAsync(string query, string? form = null)
        {
            using StringContent? body = form is null ? null : new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
            using HttpResponseMessage answer = await Client.PostAsync("/api/v1/blocks/mark?" + query, body);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }

        public JsonElement Stored(string block, string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Bucket, block, file))).RootElement;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            Client.Dispose();
            Gateway.Dispose();
            _stop.Dispose();
            _temp.Dispose();
        }
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
