using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.StoreApi.Tests;

/// <summary>The contract over three stores that each hold a part, two of them remote.</summary>
public sealed class ProxyStoreContractTests : StoreContract, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly List<IDisposable> _peers = [];

    protected override async Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series)
    {
        var clients = new List<StoreClient>();
        for (var part = 0; part < 3; part++)
        {
            // Each series is on two of the three; the chunks are the same.
            var memory = new InMemoryStore($"part-{part}", external, [.. series.Where((_, i) => i % 3 != part)]);
            if (part == 0)
            {
                clients.Add(new StoreClient(memory, null));
                continue;
            }

            LoopbackServer server = await LoopbackServer.StartAsync(memory);
            var peer = new GrpcPeer(server.Address, new GrpcClientOptions());
            _servers.Add(server);
            _peers.Add(peer);
            clients.Add(new StoreClient(new GrpcStore(peer, () => memory.Info), server.Address));
        }

        return new ProxyStore(() => clients, new ProxyOptions { BufferedFrames = 1 });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable peer in _peers) peer.Dispose();
        foreach (IAsyncDisposable server in _servers) await server.DisposeAsync();
    }
}

public sealed class ProxyStoreTests
{
    private static readonly Labels One = Labels.Of("cluster", "one");
    private static readonly Labels Two = Labels.Of("cluster", "two");

    [Fact]
    public async Task Only_stores_that_may_match_are_asked()
    {
        InMemoryStore one = Store("one", One), two = Store("two", Two), late = Store("late", One, from: 10_000);
        var proxy = new ProxyStore(
            () => [new StoreClient(one, "a:1"), new StoreClient(two, "b:1"), new StoreClient(late, "c:1")], new ProxyOptions());

        await RunAsync(proxy, Request(LabelMatcher.Equal("cluster", "one")));
        await RunAsync(proxy.WithStoreMatch([[LabelMatcher.Equal("__address__", "b:1")], [LabelMatcher.Equal("__address__", "x")]]), Request());

        Assert.Single(one.Requests);
        Assert.Single(two.Requests);
        Assert.Empty(late.Requests);
    }

    [Fact]
    public async Task Own_selector_labels_are_checked_and_taken_off()
    {
        InMemoryStore store = Store("one", One);
        var proxy = new ProxyStore(() => [new StoreClient(store, null)], new ProxyOptions { SelectorLabels = Labels.Of("tier", "x") });

        await RunAsync(proxy, Request(LabelMatcher.Equal("tier", "x")));
        Assert.Equal(["n"], store.Requests[0].Matchers.Select(m => m.Name));
        Assert.Empty((await RunAsync(proxy, Request(LabelMatcher.Equal("tier", "y")))).Series);
        var error = await Assert.ThrowsAsync<StoreException>(
            () => RunAsync(proxy, Request() with { Matchers = [LabelMatcher.Equal("tier", "x")] }));
        Assert.Equal(
            (StoreErrorKind.InvalidArgument, "no matchers specified (excluding selector labels)"), (error.Kind, error.Message));
    }

    [Fact]
    public async Task No_stores_at_all_is_an_error_only_when_partial_answers_are_not_wanted()
    {
        var proxy = new ProxyStore(() => [], new ProxyOptions());

        Assert.Empty((await RunAsync(proxy, Request())).Series);
        var error = await Assert.ThrowsAsync<StoreException>(() => RunAsync(proxy, Abort(Request())));
        Assert.Equal((StoreErrorKind.Unknown, "No StoreAPIs available"), (error.Kind, error.Message));
    }

    [Fact]
    public async Task A_store_that_fails_is_named_and_the_rest_comes()
    {
        var broken = new InMemoryStore("broken", Two, Series(0))
        {
            BeforeFrame = (_, _) => throw new StoreException(StoreErrorKind.ResourceExhausted, "exceeded series limit"),
        };
        var proxy = new ProxyStore(() => [new StoreClient(broken, "b:1"), new StoreClient(Store("one", One), null)], new ProxyOptions());
        const string Warning =
            "receive series from Addr: b:1 MinTime: 0 MaxTime: 10: rpc error: code = ResourceExhausted desc = exceeded series limit";

        (List<ChunkSeries> series, List<string> warnings) = await RunAsync(proxy, Request());
        var error = await Assert.ThrowsAsync<StoreException>(() => RunAsync(proxy, Abort(Request())));

        Assert.Single(series);
        Assert.Equal([Warning], warnings);
        Assert.Equal((StoreErrorKind.Aborted, Warning), (error.Kind, error.Message));
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_named()
    {
        using var peer = new GrpcPeer("127.0.0.1:1", new GrpcClientOptions());
        var info = new StoreInfo { Component = "store" };
        var proxy = new ProxyStore(() => [new StoreClient(new GrpcStore(peer, () => info), "127.0.0.1:1")], new ProxyOptions());
        const string Cause = "Addr: 127.0.0.1:1 MinTime: -9223372036854775808 MaxTime: 9223372036854775807: rpc error: code = Unavailable "
            + "desc = connection error: desc = \"transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused\"";

        (_, List<string> warnings) = await RunAsync(proxy, Request());
        var error = await Assert.ThrowsAsync<StoreException>(() => RunAsync(proxy, Abort(Request())));
        LabelsAnswer names = await proxy.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 1 }, default);

        Assert.Equal(["fetch series for Store Gateway " + Cause], warnings);
        Assert.Equal((StoreErrorKind.Unavailable, "fetch series for Store Gateway " + Cause), (error.Kind, error.Message));
        Assert.Equal(["fetch label names from store " + Cause], names.Warnings);
    }

    [Fact]
    public async Task A_warning_of_a_store_aborts_when_partial_answers_are_not_wanted()
    {
        var store = new InMemoryStore("one", One, Series(0)) { Warnings = ["half of it"] };
        var proxy = new ProxyStore(() => [new StoreClient(store, null)], new ProxyOptions());

        Assert.Equal(["half of it"], (await RunAsync(proxy, Request())).Warnings);
        var error = await Assert.ThrowsAsync<StoreException>(() => RunAsync(proxy, Abort(Request())));
        Assert.Equal((StoreErrorKind.Aborted, "half of it"), (error.Kind, error.Message));
    }

    [Fact]
    public async Task A_store_that_hangs_is_given_up_and_what_came_stays()
    {
        var time = new FakeTimeProvider();
        var waiting = new TaskCompletionSource();
        var store = new InMemoryStore("slow", One, [.. Enumerable.Range(0, 4).SelectMany(i => Series(i))])
        {
            BeforeFrame = async (frame, token) =>
            {
                if (frame == 0) return;
                waiting.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        var proxy = new ProxyStore(
            () => [new StoreClient(store, "s:1")], new ProxyOptions { ResponseTimeout = TimeSpan.FromSeconds(2), Time = time });

        Task<(List<ChunkSeries> Series, List<string> Warnings)> run = RunAsync(proxy, Request());
        await waiting.Task;
        time.Advance(TimeSpan.FromSeconds(3));
        (List<ChunkSeries> series, List<string> warnings) = await run;

        Assert.Equal(3, series.Count);
        Assert.Equal(["failed to receive any data in 2s from Addr: s:1 MinTime: 0 MaxTime: 10"], warnings);
    }

    [Fact]
    public async Task A_store_that_breaks_the_order_is_named()
    {
        List<ChunkSeries> unsorted = [.. Series(2), .. Series(1)];
        var proxy = new ProxyStore(() => [new StoreClient(new UnsortedStore(unsorted), null)], new ProxyOptions());

        (_, List<string> warnings) = await RunAsync(proxy, Request());

        Assert.Contains("came after", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_that_is_too_small_fails_the_query_and_is_given_back()
    {
        var proxy = new ProxyStore(() => [new StoreClient(Store("one", One), null)], new ProxyOptions());
        using var small = new MemoryBudget(10, "--query.max-memory");
        using var large = new MemoryBudget(100_000, "--query.max-memory");

        await Assert.ThrowsAsync<BudgetExceededException>(() => RunAsync(proxy, Request() with { Budget = small }));
        await RunAsync(proxy, Request() with { Budget = large });

        Assert.Equal((0, 0), (small.UsedBytes, large.UsedBytes));
        Assert.True(large.PeakBytes > 0);
    }

    [Fact]
    public async Task Names_and_values_of_all_stores_come_once_in_order()
    {
        var proxy = new ProxyStore(
            () => [new StoreClient(Store("one", One), null), new StoreClient(Store("two", Two), null), new StoreClient(Store("two", Two), null)],
            new ProxyOptions());

        LabelsAnswer names = await proxy.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 10 }, default);
        LabelsAnswer values = await proxy.LabelValuesAsync(
            new LabelValuesRequest { Label = "cluster", MinTimeMs = 0, MaxTimeMs = 10, Limit = 1 }, default);

        Assert.Equal(["cluster", "n"], names.Values);
        Assert.Equal(["one"], values.Values);
    }

    [Fact]
    public void It_announces_what_its_stores_announce()
    {
        StoreInfo info = new ProxyStore(
            () => [new StoreClient(Store("one", One), null), new StoreClient(Store("two", Two, from: 5), null)], new ProxyOptions()).Info;
        StoreInfo empty = new ProxyStore(() => [], new ProxyOptions()).Info;
        var selected = new ProxyOptions { SelectorLabels = Labels.Of("cluster", "all", "region", "eu") };
        StoreInfo labelled = new ProxyStore(() => [new StoreClient(Store("one", One), null)], selected).Info;
        StoreInfo bare = new ProxyStore(() => [new StoreClient(Store("bare", Labels.Empty), null)], selected).Info;

        Assert.Equal([One, Two], info.LabelSets);
        Assert.Equal([selected.SelectorLabels], labelled.LabelSets);
        Assert.Contains(selected.SelectorLabels, bare.LabelSets);
        Assert.Equal((0L, 15L), (info.MinTimeMs, info.MaxTimeMs));
        Assert.Equal((long.MinValue, long.MaxValue), (empty.MinTimeMs, empty.MaxTimeMs));
    }

    private static InMemoryStore Store(string name, Labels external, long from = 0) => new(name, external, Series(0, from));

    private static List<ChunkSeries> Series(int number, long from = 0) =>
        [new ChunkSeries(Labels.Of("n", $"{number}"), [new SeriesChunk(from, from + 10, new Chunk(ChunkEncoding.Xor, new byte[] { 0 }))])];

    private static SelectRequest Request(params LabelMatcher[] matchers) => new()
    {
        MinTimeMs = 0,
        MaxTimeMs = 100,
        Matchers = [new LabelMatcher(Aion.Model.MatchType.Regex, "n", ".+"), .. matchers],
    };

    private static SelectRequest Abort(SelectRequest request) => request with { PartialResponse = PartialResponse.Abort };

    private static async Task<(List<ChunkSeries> Series, List<string> Warnings)> RunAsync(IStore store, SelectRequest request)
    {
        var series = new List<ChunkSeries>();
        var warnings = new List<string>();
        await foreach (SeriesFrame frame in store.SelectAsync(request, TestContext.Current.CancellationToken))
        {
            series.AddRange(frame.Series);
            warnings.AddRange(frame.Warnings);
        }

        return (series, warnings);
    }

    private sealed class UnsortedStore(IReadOnlyList<ChunkSeries> series) : IStore
    {
        public string Name => "unsorted";

        public StoreInfo Info => new() { Component = "store" };

        public async IAsyncEnumerable<SeriesFrame> SelectAsync(
            SelectRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            yield return SeriesFrame.Of(series);
        }

        public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
