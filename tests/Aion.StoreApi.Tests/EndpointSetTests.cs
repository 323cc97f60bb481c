using Aion.Hosting;
using Aion.Model;
using Aion.Protocol;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.StoreApi.Tests;

public sealed class EndpointSetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeDns _dns = new();
    private readonly List<EndpointSpec> _specs = [];

    [Fact]
    public async Task An_endpoint_joins_when_it_answers()
    {
        await using LoopbackServer server = await StoreAsync(External("a"));
        await using EndpointSet set = Create(out ComponentContext context);
        _specs.AddRange([new EndpointSpec(server.Address), new EndpointSpec("127.0.0.1:1")]);

        await set.UpdateAsync(default);

        Assert.True(set.FirstUpdate.IsCompletedSuccessfully);
        Assert.Equal(server.Address, Assert.Single(set.Stores).Address);
        EndpointStatus status = Assert.Single(set.Statuses);
        Assert.Equal(("store", server.Address, (string?)null, 0L, 10L), (status.Component, status.Address, status.LastError, status.MinTimeMs, status.MaxTimeMs));
        Assert.Equal([External("a")], status.LabelSets);
        Assert.Contains(
            """thanos_store_nodes_grpc_connections{external_labels="{replica=\"a\"}",store_type="store"} 1""",
            await MetricsAsync(context), StringComparison.Ordinal);
        Assert.Single(set.PeersWith(ServedApis.Rules));
        Assert.Empty(set.PeersWith(ServedApis.Targets));
    }

    [Fact]
    public async Task An_endpoint_that_stops_answering_is_not_asked_and_leaves_after_a_while()
    {
        LoopbackServer server = await StoreAsync(External("a"));
        await using EndpointSet set = Create(out ComponentContext context);
        _specs.Add(new EndpointSpec(server.Address));
        await set.UpdateAsync(default);
        await server.DisposeAsync();

        await set.UpdateAsync(default);
        EndpointStatus failing = Assert.Single(set.Statuses);
        Assert.Empty(set.Stores);
        _time.Advance(TimeSpan.FromMinutes(5));
        await set.UpdateAsync(default);

        Assert.StartsWith($"getting metadata: fetching info from {server.Address}: rpc error: code = Unavailable", failing.LastError, StringComparison.Ordinal);
        Assert.Equal([External("a")], failing.LabelSets);
        Assert.Empty(set.Statuses);
        Assert.DoesNotContain("thanos_store_nodes_grpc_connections{", await MetricsAsync(context), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strict_endpoint_is_always_asked()
    {
        await using EndpointSet set = Create(out _);
        _specs.AddRange([new EndpointSpec("127.0.0.1:1"), new EndpointSpec("127.0.0.1:1", IsStrict: true)]);

        await set.UpdateAsync(default);
        _time.Advance(TimeSpan.FromHours(1));
        await set.UpdateAsync(default);

        StoreClient store = Assert.Single(set.Stores);
        Assert.Equal("Addr: 127.0.0.1:1 MinTime: -9223372036854775808 MaxTime: 9223372036854775807", store.ToString());
        Assert.NotNull(Assert.Single(set.Statuses).LastError);
    }

    [Fact]
    public async Task An_endpoint_that_is_not_ready_waits_outside()
    {
        await using LoopbackServer server = await StoreAsync(External("a"));
        server.Context.Probe.SetNotReady(null);
        await using EndpointSet set = Create(out _);
        _specs.Add(new EndpointSpec(server.Address));

        await set.UpdateAsync(default);
        Assert.Empty(set.Statuses);
        server.Context.Probe.SetReady();
        await set.UpdateAsync(default);

        Assert.Single(set.Stores);
    }

    [Fact]
    public async Task What_leaves_the_configuration_leaves_the_list_at_once()
    {
        await using LoopbackServer server = await StoreAsync(External("a"));
        await using EndpointSet set = Create(out _);
        _specs.Add(new EndpointSpec(server.Address));
        await set.UpdateAsync(default);
        StoreClient before = set.Stores[0];
        _specs.Clear();

        await set.UpdateAsync(default);

        Assert.Empty(set.Stores);
        // Its connection stays open for the calls that run.
        Assert.NotEmpty((await before.Store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 10 }, default)).Values);
    }

    [Fact]
    public async Task Names_are_resolved_again_after_the_interval()
    {
        await using LoopbackServer one = await StoreAsync(External("a")), two = await StoreAsync(External("b"));
        _dns.Services["_grpc._tcp.stores"] = [Split(one.Address)];
        await using EndpointSet set = Create(out _);
        _specs.Add(new EndpointSpec("dnssrvnoa+_grpc._tcp.stores"));

        await set.UpdateAsync(default);
        _dns.Services["_grpc._tcp.stores"] = [Split(two.Address)];
        await set.UpdateAsync(default);
        string? cached = Assert.Single(set.Stores).Address;
        _time.Advance(TimeSpan.FromSeconds(30));
        await set.UpdateAsync(default);

        Assert.Equal(one.Address, cached);
        Assert.Equal(two.Address, Assert.Single(set.Stores).Address);
    }

    [Fact]
    public async Task A_group_is_one_endpoint_whose_calls_go_round()
    {
        await using LoopbackServer one = await StoreAsync(External("a")), two = await StoreAsync(External("b"));
        _dns.Services["stores"] = [Split(one.Address), Split(two.Address)];
        await using EndpointSet set = Create(out _);
        _specs.Add(new EndpointSpec("dnssrvnoa+stores", IsGroup: true));
        await set.UpdateAsync(default);

        StoreClient group = Assert.Single(set.Stores);
        var seen = new HashSet<string>();
        for (var i = 0; i < 200 && seen.Count < 2; i++)
        {
            seen.UnionWith((await group.Store.LabelValuesAsync(
                new LabelValuesRequest { Label = "replica", MinTimeMs = 0, MaxTimeMs = 10 }, default)).Values);
        }

        Assert.Equal(["a", "b"], seen.Order());
        Assert.Equal("dnssrvnoa+stores", group.Address);
    }

    [Theory]
    [InlineData("a:1", "a:1")]
    [InlineData("dns+host:90", "10.0.0.1:90 [fe80::1]:90")]
    [InlineData("dnssrv+srv", "10.0.0.1:7 [fe80::1]:7")]
    [InlineData("dnssrvnoa+srv", "host:7")]
    [InlineData("dns+host", "")]
    [InlineData("dns+absent:1", "")]
    [InlineData("nope+host:1", "")]
    public async Task Addresses_resolve_by_their_prefix(string address, string expected)
    {
        _dns.Hosts["host"] = ["10.0.0.1", "fe80::1"];
        _dns.Services["srv"] = [("host", 7)];
        ComponentContext context = Context();
        var dns = new DnsAddresses(_dns, context.Metrics, "thanos_query_endpoints_", context.Logger);

        Assert.Equal(expected, string.Join(' ', await dns.ResolveAsync(address, default)));
        Assert.Contains($"thanos_query_endpoints_dns_failures_total {(expected.Length == 0 ? 1 : 0)}\n", await MetricsAsync(context), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_lookup_keeps_the_last_result()
    {
        _dns.Hosts["host"] = ["10.0.0.1"];
        ComponentContext context = Context();
        var dns = new DnsAddresses(_dns, context.Metrics, "thanos_query_endpoints_", context.Logger);
        await dns.ResolveAsync("dns+host:1", default);
        _dns.Hosts.Clear();

        Assert.Equal(["10.0.0.1:1"], await dns.ResolveAsync("dns+host:1", default));
    }

    [Fact]
    public async Task Files_are_read_again_when_they_change_and_kept_when_they_break()
    {
        using var folder = new TempDirectory();
        string json = folder.Combine("a.json"), yaml = folder.Combine("b.yml");
        await File.WriteAllTextAsync(json, """[{"targets": ["x:1", "dns+y:2"], "labels": {"ignored": "1"}}, {"targets": ["x:1"]}]""");
        var files = new FileEndpoints([folder.Combine("*.json"), folder.Combine("*.yml")], TimeSpan.FromMinutes(5), _time, NullLogger.Instance);

        Assert.Equal(["x:1", "dns+y:2"], (await files.ReadAsync(default)).Select(s => s.Address));
        await File.WriteAllTextAsync(yaml, "- targets:\n  - z:3\n");
        await File.WriteAllTextAsync(json, """[{"targets": 7}]""");
        Assert.Equal(["x:1", "dns+y:2", "z:3"], (await files.ReadAsync(default)).Select(s => s.Address));
        File.Delete(json);
        Assert.Equal(["z:3"], (await files.ReadAsync(default)).Select(s => s.Address));
    }

    [Fact]
    public void The_configuration_gives_each_endpoint_its_connection()
    {
        const string Yaml = """
            endpoints:
              - address: plain:1
              - address: own:1
                strict: true
                client_config: {tls_config: {enabled: true, ca_file: ca.pem}, server_name: name, compression: snappy}
              - address: clear:1
                client_config: {tls_config: {enabled: false}}
              - address: dns+group:1
                group: true
                client_config: {tls_config: {insecure_skip_verify: true}}
            unknown: 1
            """;

        IReadOnlyList<EndpointSpec> specs = EndpointConfig.Parse(Yaml, new GrpcClientTls { CertificatePath = "c", KeyPath = "k" }, null);

        Assert.Equal(
            [
                new EndpointSpec("plain:1", false, false, new() { Tls = new() { CertificatePath = "c", KeyPath = "k" } }),
                new EndpointSpec("own:1", true, false, new() { Tls = new() { AuthorityPath = "ca.pem", ServerName = "name" }, Compression = "snappy" }),
                new EndpointSpec("clear:1", false, false, new()),
                new EndpointSpec("dns+group:1", false, true, new() { Tls = new() { CertificatePath = "c", KeyPath = "k", SkipVerify = true } }),
            ],
            specs);
    }

    [Theory]
    [InlineData("endpoints: [{}]", "endpoints[0]: address is missing")]
    [InlineData("endpoints: [null]", "endpoints[0]: address is missing")]
    [InlineData("endpoints: [{address: 'dns+a:1', strict: true}]", "not permitted under strict mode")]
    [InlineData("endpoints: [{address: 'a:1', client_config: {compression: lz4}}]", "compression \"lz4\"")]
    [InlineData("endpoints: [{address: 'a:1', group: true, service_config: '{}'}]", "service_config is not supported")]
    [InlineData("endpoints: 7", "line 1")]
    public void A_wrong_configuration_is_named(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => EndpointConfig.Parse(yaml, null, null)).Message, StringComparison.Ordinal);

    private static Labels External(string replica) => Labels.Of("replica", replica);

    private static Task<LoopbackServer> StoreAsync(Labels external) => LoopbackServer.StartAsync(
        new InMemoryStore("memory", external, [new ChunkSeries(Labels.Of("a", "1"), [new SeriesChunk(0, 10, new Chunk(ChunkEncoding.Xor, new byte[2]))])]),
        ServedApis.Store | ServedApis.Rules);

    private static (string, int) Split(string address) => (address.Split(':')[0], int.Parse(address.Split(':')[1]));

    private ComponentContext Context() => new("query", NullLoggerFactory.Instance, _time, new ComponentEnvironment
    {
        Variable = _ => null,
        Output = TextWriter.Null,
        Build = BuildInformation.OfEntryAssembly(),
    });

    private EndpointSet Create(out ComponentContext context)
    {
        context = Context();
        var dns = new DnsAddresses(_dns, context.Metrics, "thanos_query_endpoints_", context.Logger);
        var discovery = new EndpointDiscovery([new StaticEndpoints(_specs)], dns, TimeSpan.FromSeconds(30), _time);
        var groups = new GroupPeers(dns, TimeSpan.FromSeconds(30), _time, NullLoggerFactory.Instance);
        return new EndpointSet(discovery, groups, new EndpointSetOptions(), context);
    }

    private static async Task<string> MetricsAsync(ComponentContext context)
    {
        using var text = new MemoryStream();
        await context.Metrics.Registry.CollectAndExportAsTextAsync(text);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private sealed class FakeDns : IDnsLookup
    {
        public Dictionary<string, IReadOnlyList<string>> Hosts { get; } = [];

        public Dictionary<string, IReadOnlyList<(string Host, int Port)>> Services { get; } = [];

        public Task<IReadOnlyList<string>> AddressesAsync(string host, CancellationToken cancellationToken) =>
            Hosts.TryGetValue(host, out var found) ? Task.FromResult(found) : throw new DnsLookupException($"no such host {host}");

        public Task<IReadOnlyList<(string Host, int Port)>> ServicesAsync(string name, CancellationToken cancellationToken) =>
            Services.TryGetValue(name, out var found) ? Task.FromResult(found) : throw new DnsLookupException($"no such service {name}");
    }
}
