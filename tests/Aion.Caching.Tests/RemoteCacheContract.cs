using System.Diagnostics;
using Aion.Testing;

namespace Aion.Caching.Tests;

/// <summary>What every remote cache does, over a real server: keeps values, and is bypassed when it does not answer.</summary>
public abstract class RemoteCacheContract(string kind)
{
    /// <summary>Long enough for a busy machine; where a test waits for a timeout it sets a shorter one.</summary>
    protected const string Patient = "5s";

    private const string Short = "300ms";

    protected string Kind => kind;

    protected abstract Task<CacheServer> StartServerAsync();

    /// <param name="timeout">That lookups and stores may take.</param>
    protected abstract string Settings(string address, string timeout, string more = "");

    internal RunningCache Open(string address, string timeout = Patient, string more = "") => new(kind, Settings(address, timeout, more));

    [Fact]
    public async Task Values_come_back_as_they_were_stored()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        await cache.PutAsync("a", "1");
        await cache.PutAsync("empty", "");
        var all = new byte[256 * 200];
        for (var i = 0; i < all.Length; i++) all[i] = (byte)i;
        cache.Cache.Set("bytes", all, TimeSpan.FromMinutes(1));
        await Until.TrueAsync(async () => (await cache.Cache.GetAsync(["bytes"], default))[0] is not null, "bytes are stored");

        byte[]?[] found = await cache.Cache.GetAsync(["missing", "bytes", "a", "empty", "a"], default);
        Assert.Null(found[0]);
        Assert.Equal(all, found[1]);
        Assert.Equal([(byte)'1'], found[2]!);
        Assert.Empty(found[3]!);
        Assert.Equal([(byte)'1'], found[4]!);
        Assert.Equal(0, await cache.FailuresAsync());
    }

    [Fact]
    public async Task Thousands_of_keys_are_found_at_once()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address, "20s");
        string[] keys = [.. Enumerable.Range(0, 5000).Select(i => $"S:01HZZZZZZZZZZZZZZZZZZZZZZZ:{i * 16}")];
        await cache.PutAsync("warm", "up");
        foreach (string key in keys) cache.Set(key, key);

        byte[]?[] found = [];
        await Until.TrueAsync(async () => (found = await cache.Cache.GetAsync(keys, default)).All(f => f is not null), "all are stored");
        for (var i = 0; i < keys.Length; i++) Assert.Equal(keys[i], System.Text.Encoding.UTF8.GetString(found[i]!));
        Assert.Equal(0, await cache.SkippedAsync());
    }

    [Fact]
    public async Task A_value_goes_when_its_time_is_over()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        await cache.PutAsync("stays", "1");
        cache.Cache.Set("goes", "1"u8.ToArray(), TimeSpan.FromSeconds(2));

        await Until.TrueAsync(async () => await cache.GetAsync("goes") is not null, "it is stored");
        await Until.TrueAsync(async () => await cache.GetAsync("goes") is null, "it is gone");
        Assert.Equal("1", await cache.GetAsync("stays"));
    }

    [Fact]
    public async Task A_server_that_was_never_there_costs_nothing_and_is_logged_once()
    {
        await using RunningCache cache = Open($"127.0.0.1:{CacheServer.FreePort()}", Short);
        await Until.TrueAsync(async () =>
        {
            await cache.GetAsync("a");
            return !cache.Cache.IsAvailable;
        }, "it is bypassed");
        await AssertBypassedAsync(cache);
    }

    [Fact]
    public async Task A_server_that_is_killed_is_bypassed_and_used_again_when_it_is_back()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        await cache.PutAsync("a", "1");

        await server.KillAsync();
        await Until.TrueAsync(async () => await cache.GetAsync("a") is null && !cache.Cache.IsAvailable, "it is bypassed");
        await AssertBypassedAsync(cache);

        await server.RestartAsync();
        await Until.TrueAsync(() => Task.FromResult(cache.Cache.IsAvailable), "it is used again");
        await cache.PutAsync("b", "2");
        Assert.Equal(1, cache.Bypasses);
        Assert.Contains(cache.Log, l => l.Text.Contains("answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_hangs_costs_one_timeout_and_is_used_again_when_it_moves()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address, Short);
        await cache.PutAsync("a", "1");

        server.Freeze();
        var waited = Stopwatch.StartNew();
        Assert.Equal(new string?[20], await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cache.GetAsync("a"))));
        Assert.InRange(waited.Elapsed.TotalSeconds, 0, 5);
        await Until.TrueAsync(async () => await cache.GetAsync("a") is null && !cache.Cache.IsAvailable, "it is bypassed");
        await AssertBypassedAsync(cache);
        Assert.True(await cache.FailuresAsync("reason=\"timeout\"") >= 1);

        server.Thaw();
        await Until.TrueAsync(() => Task.FromResult(cache.Cache.IsAvailable), "it is used again");
        await Until.TrueAsync(async () => await cache.GetAsync("a") == "1", "it answers");
    }

    [Fact]
    public async Task A_server_that_talks_garbage_is_bypassed()
    {
        await using TcpStub server = TcpStub.Garbage();
        await using RunningCache cache = Open(server.Address, Short);
        await Until.TrueAsync(async () =>
        {
            Assert.Null(await cache.GetAsync("a"));
            return !cache.Cache.IsAvailable;
        }, "it is bypassed");
        await AssertBypassedAsync(cache);
    }

    [Fact]
    public async Task A_server_that_closes_every_connection_is_bypassed()
    {
        await using var server = new TcpStub((_, _) => Task.CompletedTask);
        await using RunningCache cache = Open(server.Address, Short);
        await Until.TrueAsync(async () =>
        {
            Assert.Null(await cache.GetAsync("a"));
            return !cache.Cache.IsAvailable;
        }, "it is bypassed");
        await AssertBypassedAsync(cache);
    }

    [Fact]
    public async Task What_the_buffer_cannot_hold_is_dropped_and_counted()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address, Patient, "max_async_buffer_size: 5, max_async_concurrency: 1");
        await cache.PutAsync("a", "1");

        server.Freeze();
        for (var i = 0; i < 400; i++) cache.Set($"k{i}", "v");
        double dropped = await cache.SkippedAsync("operation=\"set\"", "reason=\"async-buffer-full\"");
        server.Thaw();

        // One batch may be on its way, and five wait.
        Assert.InRange(dropped, 400 - 5 - 100, 400);
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_take_the_server_out()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        await cache.PutAsync("a", "1");

        server.Freeze();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.Cache.GetAsync(["a"], stop.Token).AsTask());
        server.Thaw();

        Assert.True(cache.Cache.IsAvailable);
        Assert.Equal("1", await cache.GetAsync("a"));
        Assert.Equal(0, cache.Bypasses);
    }

    private static async Task AssertBypassedAsync(RunningCache cache)
    {
        double skipped = await cache.SkippedAsync();
        var waited = Stopwatch.StartNew();
        for (var i = 0; i < 200; i++)
        {
            Assert.Null(await cache.GetAsync("a"));
            cache.Set("b", "2");
        }

        // Nobody waits: two hundred lookups take no time worth the name, even on a busy machine; each waiting its timeout would take a minute.
        Assert.InRange(waited.Elapsed.TotalSeconds, 0, 10);
        Assert.True(await cache.SkippedAsync() > skipped);
        Assert.Equal(1, cache.Bypasses);
    }
}
