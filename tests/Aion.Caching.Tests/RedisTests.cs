using Aion.Hosting.Tests;
using Aion.Testing;

namespace Aion.Caching.Tests;

public sealed class RedisTests() : RemoteCacheContract("REDIS")
{
    protected override Task<CacheServer> StartServerAsync() => CacheServer.RedisAsync();

    protected override string Settings(string address, string timeout, string more = "") =>
        $"addr: '{address}', read_timeout: {timeout}, write_timeout: {timeout}, {more}";

    [Fact]
    public async Task Keys_have_their_prefix_and_stand_in_their_database()
    {
        await using CacheServer server = await StartServerAsync();
        await using RunningCache cache = Open(server.Address, more: "db: 3, prefix: 'aion-'");
        await cache.PutAsync("a", "1");

        Assert.Equal("aion-a", (await server.RedisCliAsync("-n", "3", "keys", "*")).Trim());
        Assert.Equal("", (await server.RedisCliAsync("keys", "*")).Trim());
        Assert.InRange(int.Parse(await server.RedisCliAsync("-n", "3", "ttl", "aion-a"), System.Globalization.CultureInfo.InvariantCulture), 500, 600);
    }

    [Fact]
    public async Task A_user_and_password_open_it_and_a_wrong_one_is_bypassed()
    {
        await using CacheServer server = await CacheServer.RedisAsync("--requirepass", "secret", "--user", "aion", "on", ">word", "~*", "+@all");
        await using (RunningCache cache = Open(server.Address, more: "password: secret")) await cache.PutAsync("a", "1");
        await using (RunningCache cache = Open(server.Address, more: "username: aion, password: word")) Assert.Equal("1", await FirstAsync(cache, "a"));
        await using RunningCache wrong = Open(server.Address, more: "password: wrong");
        await Until.TrueAsync(async () => await wrong.GetAsync("a") is null && !wrong.Cache.IsAvailable, "it is bypassed");
        Assert.Equal(1, wrong.Bypasses);
        Assert.DoesNotContain(wrong.Log, l => l.Text.Contains("password=wrong", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "ca_file: '{0}'", true)]
    [InlineData(true, "ca_file: '{0}', cert_file: '{1}', key_file: '{2}'", true)]
    [InlineData(true, "ca_file: '{0}'", false)]
    [InlineData(false, "ca_file: '{0}', server_name: localhost, min_version: '1.3'", true)]
    [InlineData(false, "ca_file: '{0}', server_name: elsewhere", false)]
    [InlineData(false, "", false)]
    [InlineData(false, "insecure_skip_verify: true", true)]
    public async Task TLS_verifies_the_server_and_shows_a_certificate(bool asksClients, string tls, bool works)
    {
        using var directory = new TempDirectory();
        var certificates = new TestCertificates(directory.Path);
        string client = directory.Combine("client.crt"), clientKey = directory.Combine("client.key");
        await File.WriteAllTextAsync(client, certificates.Client.ExportCertificatePem());
        await File.WriteAllTextAsync(clientKey, System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificates.Client)!.ExportPkcs8PrivateKeyPem());
        await using CacheServer server = await CacheServer.RedisWithTlsAsync(
            certificates.ServerPath, certificates.ServerKeyPath, certificates.AuthorityPath, asksClients);
        string settings = string.Format(System.Globalization.CultureInfo.InvariantCulture, tls, certificates.AuthorityPath, client, clientKey);
        await using RunningCache cache = Open(server.Address, works ? Patient : "300ms", $"tls_enabled: true, tls_config: {{{settings}}}");
        if (works) await cache.PutAsync("a", "1");
        else await Until.TrueAsync(async () => await cache.GetAsync("a") is null && !cache.Cache.IsAvailable, "it is bypassed");
    }

    [Fact]
    public async Task A_cluster_holds_keys_of_all_slots_and_one_dead_node_leaves_the_others_in_use()
    {
        CacheServer[] nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CacheServer.RedisAsync(
            "--cluster-enabled", "yes", "--cluster-require-full-coverage", "no", "--cluster-node-timeout", "2000",
            "--cluster-port", CacheServer.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture))));
        try
        {
            // Joined by hand: redis-cli's own way takes the other port for the first one plus 10000.
            await JoinAsync(nodes);
            await using RunningCache cache = Open(string.Join(',', nodes.Select(n => n.Address)));
            string[] keys = [.. Enumerable.Range(0, 300).Select(i => $"key-{i}")];
            await cache.PutAsync("first", "1");
            byte[]?[] found = [];
            await Until.TrueAsync(async () =>
            {
                foreach (string key in keys) cache.Set(key, key);
                return (found = await cache.Cache.GetAsync(keys, default)).All(f => f is not null);
            }, "all are stored");

            await nodes[1].KillAsync();
            await Until.TrueAsync(async () => (found = await cache.Cache.GetAsync(keys, default)).Count(f => f is not null) is > 150 and < 250, "the rest is found");
            Assert.True(cache.Cache.IsAvailable);
        }
        finally
        {
            foreach (CacheServer node in nodes) await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Sentinels_say_which_server_is_the_master_and_which_is_it_next()
    {
        await using CacheServer master = await CacheServer.RedisAsync("--requirepass", "secret", "--masterauth", "secret");
        await using CacheServer replica = await CacheServer.RedisAsync(
            "--requirepass", "secret", "--masterauth", "secret", "--replicaof", $"127.0.0.1 {master.Port}");
        await using CacheServer sentinel = await CacheServer.SentinelAsync($"""
            sentinel monitor caches 127.0.0.1 {master.Port} 1
            sentinel auth-pass caches secret
            sentinel down-after-milliseconds caches 500
            sentinel failover-timeout caches 2000
            """);
        await using RunningCache cache = Open(sentinel.Address, more: "master_name: caches, password: secret");
        await cache.PutAsync("a", "1");
        Assert.Equal("a", (await master.RedisCliAsync("-a", "secret", "--no-auth-warning", "keys", "*")).Trim());

        await Until.TrueAsync(async () => (await sentinel.RedisCliAsync("sentinel", "replicas", "caches")).Contains($"{replica.Port}", StringComparison.Ordinal), "the replica is known");
        await master.KillAsync();
        await cache.PutAsync("b", "2");
        Assert.Equal("2", (await replica.RedisCliAsync("-a", "secret", "--no-auth-warning", "get", "b")).Trim());
    }

    [Fact]
    public async Task Sentinels_that_come_up_later_are_found()
    {
        await using CacheServer master = await StartServerAsync();
        await using CacheServer sentinel = await CacheServer.SentinelAsync($"sentinel monitor caches 127.0.0.1 {master.Port} 1");
        await sentinel.KillAsync();
        await using RunningCache cache = Open(sentinel.Address, "300ms", "master_name: caches");
        await Until.TrueAsync(async () => await cache.GetAsync("a") is null && !cache.Cache.IsAvailable, "it is bypassed");

        await sentinel.RestartAsync();
        await cache.PutAsync("a", "1");
    }

    private static async Task JoinAsync(CacheServer[] nodes)
    {
        string[] slots = ["0 5460", "5461 10922", "10923 16383"];
        for (var i = 0; i < nodes.Length; i++) await nodes[i].RedisCliAsync(["cluster", "addslotsrange", .. slots[i].Split(' ')]);
        for (var i = 1; i < nodes.Length; i++)
        {
            string bus = (await nodes[i].RedisCliAsync("config", "get", "cluster-port")).Split('\n')[1].Trim();
            await nodes[0].RedisCliAsync("cluster", "meet", "127.0.0.1", $"{nodes[i].Port}", bus);
        }

        foreach (CacheServer node in nodes)
            await Until.TrueAsync(async () =>
            {
                string info = await node.RedisCliAsync("cluster", "info");
                return info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal);
            }, "the cluster is joined");
    }

    private static async Task<string?> FirstAsync(RunningCache cache, string key)
    {
        string? value = null;
        await Until.TrueAsync(async () => (value = await cache.GetAsync(key)) is not null, $"{key} is found");
        return value;
    }
}
