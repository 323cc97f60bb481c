using System.Text.Json.Nodes;
using Aion.Model;
using Aion.Storage;
using Aion.StoreApi;
using Aion.Testing;

namespace Aion.Query.Tests;

/// <summary>
/// The queriers of the recording, in this process: stores over the recorded blocks under the recorded addresses, so that warnings,
/// storeMatch and stores read alike. The sidecars' live data is left out; no case that is asserted reads it.
/// </summary>
internal sealed class WireTopology : IDisposable
{
    private readonly List<BlockStore> _blocks = [];
    private readonly StoreClient _store;
    private readonly StoreClient _sidecarA;
    private readonly StoreClient _sidecarB;

    public WireTopology()
    {
        _store = Store("bucket", "127.0.0.1:21022", "store", 1767211209112, 1767225594351);
        _sidecarA = Sidecar("a", "127.0.0.1:21012", 1767211224000);
        _sidecarB = Sidecar("b", "127.0.0.1:21014", 1767211209000);
    }

    /// <summary>The queriers that can be had here; the others need a store gateway's limits and resolutions, a receiver, or distribution.</summary>
    public static string[] Components { get; } = ["query", "query-broken", "query-tenancy"];

    public (IQuerySource Source, QueryApiOptions Options, bool SendsCors) Of(string component)
    {
        var options = new QueryApiOptions { ReplicaLabels = ["replica"] };
        return component switch
        {
            "query" => (Source([_store, _sidecarA, _sidecarB]), options with { ReplicaLabels = ["replica", "rule_replica"] }, true),
            "query-broken" => (Source([_store, new StoreClient(new DeadStore(), "127.0.0.1:21998")]), options, true),
            "query-tenancy" => (Source([_store]), options with
            {
                Tenancy = new TenancyOptions { Enforce = true, LabelName = "zone", DefaultTenant = "z0", Header = "X-Scope" },
            }, false),
            _ => throw new ArgumentException(component),
        };
    }

    /// <summary>What the querier "query" serves over gRPC.</summary>
    public IStore Proxy() => new ProxyStore(() => [_store, _sidecarA, _sidecarB], new ProxyOptions());

    public void Dispose()
    {
        foreach (BlockStore block in _blocks) block.Dispose();
    }

    private static StoreQuerySource Source(IReadOnlyList<StoreClient> clients) =>
        new(new ProxyStore(() => clients, new ProxyOptions()), () => []);

    private StoreClient Store(string folder, string address, string component, long minTimeMs, long maxTimeMs)
    {
        var blocks = new List<StoreClient>();
        foreach (string directory in Directory.EnumerateDirectories(SharedFolder.Require("golden", "wire", "data", folder)))
        {
            JsonNode meta = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "meta.json")))!;
            Labels external = Labels.From(meta["thanos"]!["labels"]!.AsObject().Select(p => new KeyValuePair<string, string>(p.Key, (string)p.Value!)));
            blocks.Add(new StoreClient(Block(directory, external), null));
        }

        return new StoreClient(new NamedStore(Inner(blocks), component, minTimeMs, maxTimeMs), address);
    }

    private StoreClient Sidecar(string replica, string address, long minTimeMs)
    {
        Labels external = Labels.Of("cluster", "one", "replica", replica);
        IEnumerable<string> directories = Directory.EnumerateDirectories(SharedFolder.Require("golden", "wire", "data", replica));
        List<StoreClient> blocks = [.. directories.Select(d => new StoreClient(Block(d, external, trims: true), null))];
        return new StoreClient(new NamedStore(Inner(blocks), "sidecar", minTimeMs, long.MaxValue), address);
    }

    private static ProxyStore Inner(List<StoreClient> blocks) => new(() => blocks, new ProxyOptions { Component = "store" });

    private BlockStore Block(string directory, Labels external, bool trims = false)
    {
        JsonNode meta = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "meta.json")))!;
        var block = new BlockStore(directory, external, (long)meta["minTime"]!, (long)meta["maxTime"]! - 1, trims);
        _blocks.Add(block);
        return block;
    }

    /// <summary>A store under another name and range.</summary>
    private sealed class NamedStore(IStore inner, string component, long minTimeMs, long maxTimeMs) : IStore
    {
        public string Name => component;

        public StoreInfo Info => inner.Info with { Component = component, MinTimeMs = minTimeMs, MaxTimeMs = maxTimeMs };

        public IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, CancellationToken cancellationToken) => inner.SelectAsync(request, cancellationToken);

        public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) => inner.LabelNamesAsync(request, cancellationToken);

        public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) => inner.LabelValuesAsync(request, cancellationToken);
    }

    /// <summary>A strict endpoint at which nothing listens.</summary>
    private sealed class DeadStore : IStore
    {
        public string Name => "127.0.0.1:21998";

        public StoreInfo Info => new() { Component = "store" };

        public IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, CancellationToken cancellationToken) => throw Refused();

        public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) => Task.FromException<LabelsAnswer>(Refused());

        public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) => Task.FromException<LabelsAnswer>(Refused());

        private static StoreException Refused() => new(
            StoreErrorKind.Unavailable, "connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:21998: connect: connection refused\"");
    }
}
