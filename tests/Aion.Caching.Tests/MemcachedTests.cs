using System.Text;
using Aion.Hosting;
using Aion.Testing;

namespace Aion.Caching.Tests;

public sealed class MemcachedTests() : RemoteCacheContract("MEMCACHED")
{
    protected override Task<CacheServer> StartServerAsync() => CacheServer.MemcachedAsync();

    protected override string Settings(string address, string timeout, string more = "") => $"addresses: ['{address}'], timeout: {timeout}, {more}";

    [Fact]
    public async Task Keys_are_spread_over_the_servers_as_Thanos_spreads_them_and_one_dead_server_leaves_the_others_in_use()
    {
        await using CacheServer one = await CacheServer.MemcachedAsync(), other = await CacheServer.MemcachedAsync();
        await using RunningCache cache = new(Kind, $"addresses: ['{one.Address}', '{other.Address}'], timeout: {Patient}");
        string[] sorted = [.. ((string[])[one.Address, other.Address]).Order(NaturalOrder.Instance)];
        string[] keys = [.. Enumerable.Range(0, 100).Select(i => $"key-{i}")];
        foreach (string key in keys) await cache.PutAsync(key, key);
        foreach (string key in keys)
            await using (RunningCache direct = Open(sorted[JumpHash.BucketOf(key, 2)])) Assert.Equal(key, await direct.GetAsync(key));

        await other.KillAsync();
        string[] left = [.. keys.Where(k => sorted[JumpHash.BucketOf(k, 2)] == one.Address)];
        Assert.InRange(left.Length, 20, 80);
        byte[]?[] found = [];
        await Until.TrueAsync(async () => (found = await cache.Cache.GetAsync(keys, default)).Count(f => f is not null) == left.Length, "the half that is left is found");
        Assert.True(cache.Cache.IsAvailable);
        Assert.Equal(1, cache.Bypasses);
    }

    [Fact]
    public async Task Values_too_large_are_neither_stored_nor_taken()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache small = Open(server.Address, more: "max_item_size: 1KiB"), large = Open(server.Address);
        await large.PutAsync("large", new string('x', 5000));
        await small.PutAsync("small", "1");
        small.Set("other", new string('x', 5000));

        byte[]?[] found = await small.Cache.GetAsync(["large", "small", "other"], default);
        Assert.Equal([false, true, false], found.Select(f => f is not null));
        Assert.Equal(1, await small.SkippedAsync("operation=\"set\"", "reason=\"max-item-size\""));
        Assert.True(await small.SkippedAsync("operation=\"getmulti\"", "reason=\"max-item-size\"") >= 1);
    }

    [Fact]
    public async Task A_value_that_the_server_refuses_is_counted_and_the_server_stays_in_use()
    {
        await using CacheServer server = await CacheServer.MemcachedAsync("-I", "1m");
        await using RunningCache cache = Open(server.Address, more: "max_item_size: 0");
        await cache.PutAsync("a", "1");
        cache.Cache.Set("huge", new byte[3 << 20], TimeSpan.FromMinutes(1));

        await Until.TrueAsync(async () => await cache.FailuresAsync("operation=\"set\"", "reason=\"server-error\"") == 1, "it is counted");
        Assert.True(cache.Cache.IsAvailable);
        Assert.Equal("1", await cache.GetAsync("a"));
    }

    [Fact]
    public async Task A_key_that_the_protocol_cannot_carry_is_counted_and_harms_no_other()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        await cache.PutAsync("a", "1");
        string[] bad = ["with space", "line\r\nend", new string('k', 251), ""];
        foreach (string key in bad) cache.Set(key, "x");

        byte[]?[] found = await cache.Cache.GetAsync([.. bad, "a"], default);
        Assert.Equal([null, null, null, null, [(byte)'1']], found);
        Assert.Equal(8, await cache.FailuresAsync("reason=\"malformed-key\""));
    }

    [Theory]
    [InlineData("VALUE a 0 99999999999\r\n")]
    [InlineData("VALUE a 0 -1\r\n")]
    [InlineData("VALUE b 0 1\r\nx\r\nEND\r\n")]
    [InlineData("VALUE a 0 1\r\nxyz\r\nEND\r\n")]
    [InlineData("VALUE a 0 5\r\nx")]
    [InlineData("ERROR\r\n")]
    [InlineData("END\r\nEND\r\n")]
    public async Task An_answer_that_breaks_the_protocol_is_a_miss_and_no_more(string answer)
    {
        await using var server = new TcpStub(async (stream, token) =>
        {
            var request = new byte[1024];
            while (await stream.ReadAsync(request, token) > 0) await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), token);
        });
        await using RunningCache cache = Open(server.Address, "300ms");
        for (var i = 0; i < 3; i++) Assert.Null(await cache.GetAsync("a"));
    }

    [Fact]
    public async Task Connections_that_the_server_closed_meanwhile_are_no_failure()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address);
        // Stored once: nothing is on its way when the server goes.
        cache.Set("a", "1");
        await Until.TrueAsync(async () => await cache.GetAsync("a") == "1", "it is stored");
        await server.RestartAsync();

        Assert.Null(await cache.GetAsync("a"));
        Assert.True(cache.Cache.IsAvailable);
        Assert.Equal(0, await cache.FailuresAsync());
    }

    [Fact]
    public async Task Names_are_resolved_and_servers_that_come_are_used()
    {
        await using CacheServer one = await CacheServer.MemcachedAsync(), other = await CacheServer.MemcachedAsync();
        var dns = new FakeDns { Services = [("127.0.0.1", one.Port)] };
        await using RunningCache cache = new(Kind, $"addresses: ['dnssrvnoa+cache.example'], timeout: {Patient}, dns_provider_update_interval: 50ms", dns);
        await cache.PutAsync("a", "1");

        dns.Services = [("127.0.0.1", one.Port), ("127.0.0.1", other.Port)];
        await Until.TrueAsync(async () => await cache.CountAsync("aion_cache_server_used") == 2, "both are used");
        dns.Services = [];
        await cache.PutAsync("b", "2");
        dns.Services = [("127.0.0.1", other.Port)];
        await Until.TrueAsync(async () => await cache.CountAsync("aion_cache_server_used") == 1, "one is used");
        Assert.Null(await cache.GetAsync("a"));
        Assert.True(await cache.CountAsync("thanos_memcached_dns_lookups_total") > 2);
    }

    [Fact]
    public async Task Names_that_lead_nowhere_are_said_once_and_bypassed()
    {
        await using RunningCache cache = new(
            Kind, "addresses: ['dnssrvnoa+cache.example'], dns_provider_update_interval: 10ms", new FakeDns { Services = [] });
        await Until.TrueAsync(async () => await cache.CountAsync("thanos_memcached_dns_lookups_total") > 3, "it is looked up");
        Assert.Null(await cache.GetAsync("a"));
        Assert.False(cache.Cache.IsAvailable);
        Assert.Equal(1, cache.Bypasses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40_000)]
    public async Task A_cluster_tells_its_servers_in_a_line_of_any_length(int spaces)
    {
        await using CacheServer one = await CacheServer.MemcachedAsync(), other = await CacheServer.MemcachedAsync();
        string nodes = $"a.example|127.0.0.1|{one.Port} {new string(' ', spaces)}b.example|127.0.0.1|{other.Port}\n";
        await using var cluster = new TcpStub(async (stream, token) =>
        {
            var request = new byte[1024];
            int read = await stream.ReadAsync(request, token);
            if (Encoding.ASCII.GetString(request, 0, read) != "config get cluster\r\n") return;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONFIG cluster 0 {nodes.Length + 3}\r\n12\n{nodes}\r\nEND\r\n"), token);
        });
        await using RunningCache cache = Open(cluster.Address, more: "auto_discovery: true");
        await cache.PutAsync("a", "1");
        Assert.Equal(2, await cache.CountAsync("aion_cache_server_used"));
    }

    private sealed class FakeDns : IDnsLookup
    {
        public (string Host, int Port)[] Services { get; set; } = [];

        public Task<IReadOnlyList<string>> AddressesAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([host]);

        public Task<IReadOnlyList<(string Host, int Port)>> ServicesAsync(string name, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<(string Host, int Port)>>(Services);
    }
}
