using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.Compactor.Tests;

/// <summary>The API behind a real HTTP server.</summary>
public sealed class CompactorApiTests : IAsyncDisposable
{
    private readonly TestBucket _bucket = new();
    private readonly CancellationTokenSource _stop = new();
    private CompactorService? _service;
    private BlocksView? _viewer;
    private Task _running = Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _viewer?.Dispose();
        _service?.Dispose();
        _stop.Dispose();
        _bucket.Dispose();
    }

    [Fact]
    public async Task Blocks_are_listed_as_the_bucket_has_them_and_as_the_compactor_works_with_them()
    {
        BlockMeta first = await _bucket.AddAsync(0, 2);
        await _bucket.AddAsync(1, 3);
        using HttpClient client = await StartAsync();

        Assert.Equal(0, (await DataAsync(client, "/api/v1/blocks?view=loaded")).GetProperty("blocks").GetArrayLength());
        await _service!.View.SyncAsync(Token);
        JsonElement loaded = await DataAsync(client, "/api/v1/blocks?view=loaded"), global = await DataAsync(client, "/api/v1/blocks");

        Assert.Equal(first.Id.ToString(), loaded.GetProperty("blocks")[0].GetProperty("ulid").GetString());
        Assert.Equal(2, global.GetProperty("blocks").GetArrayLength());
        Assert.Equal("cluster", global.GetProperty("label").GetString());
        Assert.Equal(JsonValueKind.Null, global.GetProperty("err").ValueKind);
    }

    [Fact]
    public async Task A_failed_refresh_keeps_the_blocks_and_says_why()
    {
        await _bucket.AddAsync(0, 2);
        using HttpClient client = await StartAsync();
        await EventuallyAsync(async () => (await DataAsync(client, "/api/v1/blocks")).GetProperty("blocks").GetArrayLength() == 1);

        _bucket.Faulty.FailWhen = (_, _) => true;
        await EventuallyAsync(async () => (await DataAsync(client, "/api/v1/blocks")).GetProperty("err").ValueKind == JsonValueKind.String);
        JsonElement global = await DataAsync(client, "/api/v1/blocks");

        Assert.Contains("injected fault", global.GetProperty("err").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, global.GetProperty("blocks").GetArrayLength());
    }

    [Fact]
    public async Task A_block_can_be_marked_if_it_is_there()
    {
        BlockMeta block = await _bucket.AddAsync(0, 2);
        using HttpClient client = await StartAsync();

        Assert.Equal(HttpStatusCode.NoContent, (await MarkAsync(client, $"id={block.Id}&action=NO_COMPACTION&detail=why")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await MarkAsync(client, $"id={block.Id}&action=DELETION&detail=gone")).Status);
        var (absent, text) = await MarkAsync(client, $"id={BlockId.New(_bucket.Time)}&action=DELETION");
        Assert.Equal(HttpStatusCode.BadRequest, absent);
        Assert.Contains("nothing to mark", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await MarkAsync(client, $"id={block.Id}&action=NO_DOWNSAMPLE")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await MarkAsync(client, "id=x&action=DELETION")).Status);

        Assert.True(_bucket.IsMarked(block.Id) && _bucket.IsMarked(block.Id, BlockLayout.NoCompactMarkFile));
        Assert.All(_bucket.Memory.Keys, k => Assert.StartsWith(block.Id.ToString(), k, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Marks_can_be_forbidden()
    {
        BlockMeta block = await _bucket.AddAsync(0, 2);
        using HttpClient client = await StartAsync(noMarks: true);

        var (status, text) = await MarkAsync(client, $"id={block.Id}&action=DELETION");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Admin operations are disabled", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_and_plan_tell_what_is_left_and_why()
    {
        BlockMeta first = await _bucket.AddAsync(0, 2), second = await _bucket.AddAsync(1, 3);
        using HttpClient client = await StartAsync();
        Assert.Equal(JsonValueKind.Null, (await DataAsync(client, "/api/v1/compact/progress")).GetProperty("todo").ValueKind);

        _service!.Progress.Count(await _service.View.SyncAsync(Token));
        JsonElement progress = await DataAsync(client, "/api/v1/compact/progress"), plan = await DataAsync(client, "/api/v1/compact/plan");

        Assert.False(progress.GetProperty("stalled").GetBoolean());
        JsonElement todo = progress.GetProperty("todo");
        Assert.Equal((1, 2, first.TotalBytes() + second.TotalBytes()),
            (todo.GetProperty("compactions").GetInt32(), todo.GetProperty("compactionBlocks").GetInt32(), todo.GetProperty("bytes").GetInt64()));
        Assert.Equal(1, todo.GetProperty("groups").GetArrayLength());
        JsonElement action = plan.GetProperty("actions")[0];
        Assert.Equal(("Compact", "2 blocks overlap"), (action.GetProperty("work").GetString(), action.GetProperty("why").GetString()));
        Assert.Equal(todo.GetProperty("bytes").GetInt64(), action.GetProperty("readBytes").GetInt64());
    }

    private async Task<HttpClient> StartAsync(bool noMarks = false)
    {
        _service = _bucket.New(null, out ComponentContext context);
        _viewer = new BlocksView(
            _bucket.Faulty, new BlocksViewOptions { Refresh = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMinutes(5), TimeoutFlag = "--timeout" }, context);
        var group = new RunGroup(NullLogger.Instance, TimeProvider.System);
        var server = new HttpServer(context, new HttpServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.Zero }, routes =>
            new CompactorApi(_viewer, _service, context.Time, "cluster", noMarks).Map(new ApiRoutes(routes, new HttpMetrics(context.Metrics), context.Logger, prefix: "", sendsCors: true)));
        server.AddTo(group);
        group.Add("viewer", token => _viewer.RunAsync(token));
        _running = group.RunAsync(_stop.Token);
        return new HttpClient { BaseAddress = new Uri($"http://{await server.Listening}") };
    }

    private static async Task<JsonElement> DataAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(path, Token)).RootElement.GetProperty("data");

    private static async Task<(HttpStatusCode Status, string Text)> MarkAsync(HttpClient client, string form)
    {
        using var content = new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        using HttpResponseMessage answer = await client.PostAsync("/api/v1/blocks/mark", content, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (await condition()) return;
            _bucket.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(10, Token);
        }

        Assert.Fail("it did not come to that");
    }
}
