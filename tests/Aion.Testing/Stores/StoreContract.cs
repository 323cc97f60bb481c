using Aion.Model;
using Aion.Storage;
using Xunit;

namespace Aion.Testing;

/// <summary>
/// What every <see cref="IStore"/> does. Derive, and return a store that holds the given series under the given external labels
/// (replica and cluster among them).
/// </summary>
public abstract class StoreContract
{
    protected static Labels External { get; } = Labels.Of("cluster", "one", "replica", "a");

    /// <summary>Series of two metrics with chunks over [0, 999] and [1000, 1999]; "b" has only the second.</summary>
    protected static IReadOnlyList<ChunkSeries> Data { get; } = MakeData();

    protected abstract Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series);

    [Fact]
    public async Task Series_come_in_order_with_external_labels()
    {
        IReadOnlyList<ChunkSeries> series = await SelectAsync(Request("__name__", "up"));

        Assert.Equal(4, series.Count);
        Assert.All(series, s => Assert.Equal("one", s.Labels.GetValueOrNull("cluster")));
        Assert.All(series, s => Assert.Equal(2, s.Chunks.Count));
        Assert.Equal(series.OrderBy(s => s.Labels).Select(s => s.Labels), series.Select(s => s.Labels));
        Assert.Equal([0L, 1000], series[0].Chunks.Select(c => c.MinTimeMs));
        Assert.Equal(ChunkBytes(0, 0), series[0].Chunks[0].Raw.Data.ToArray());
    }

    [Fact]
    public async Task Matchers_see_external_labels()
    {
        Assert.Equal(4, (await SelectAsync(Request("__name__", "up", "cluster", "one"))).Count);
        Assert.Empty(await SelectAsync(Request("__name__", "up", "cluster", "two")));
    }

    [Fact]
    public async Task Regular_expressions_are_anchored()
    {
        SelectRequest request = Request("__name__", "up") with
        {
            Matchers = [LabelMatcher.Equal("__name__", "up"), new LabelMatcher(Aion.Model.MatchType.Regex, "instance", "h[01]")],
        };

        Assert.Equal(["h0", "h1"], (await SelectAsync(request)).Select(s => s.Labels.GetValueOrNull("instance")));
    }

    [Fact]
    public async Task Only_chunks_that_overlap_the_closed_range_come()
    {
        IReadOnlyList<ChunkSeries> first = await SelectAsync(Request("job", "x") with { MinTimeMs = 0, MaxTimeMs = 999 });
        IReadOnlyList<ChunkSeries> both = await SelectAsync(Request("job", "x") with { MinTimeMs = 999, MaxTimeMs = 1000 });

        Assert.Equal(4, first.Count);
        Assert.All(first, s => Assert.Equal(0, Assert.Single(s.Chunks).MinTimeMs));
        Assert.Equal(5, both.Count);
    }

    [Fact]
    public async Task Labels_only_come_without_chunks() =>
        Assert.All(await SelectAsync(Request("__name__", "up") with { SkipChunks = true }), s => Assert.Empty(s.Chunks));

    [Fact]
    public async Task Dropped_labels_do_not_take_part_in_the_order()
    {
        IReadOnlyList<ChunkSeries> series = await SelectAsync(Request("job", "x") with { WithoutReplicaLabels = ["replica", "instance"] });

        Assert.Equal(2, series.Count);
        Assert.Equal(["other", "up"], series.Select(s => s.Labels.GetValueOrNull("__name__")));
        Assert.All(series, s => Assert.False(s.Labels.Has("replica"u8) || s.Labels.Has("instance"u8)));
        Assert.Equal(8, series[1].Chunks.Count);
    }

    [Fact]
    public async Task Shards_part_the_series()
    {
        var seen = new List<Labels>();
        for (var shard = 0; shard < 3; shard++)
        {
            SelectRequest request = Request("job", "x") with { Shard = new ShardInfo(shard, 3, By: false, ["job"]) };
            IReadOnlyList<ChunkSeries> part = await SelectAsync(request);
            Assert.All(part, s => Assert.True(new ShardMatcher(request.Shard).Matches(s.Labels)));
            seen.AddRange(part.Select(s => s.Labels));
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public async Task A_limit_cuts_the_series() => Assert.Equal(2, (await SelectAsync(Request("job", "x") with { Limit = 2 })).Count);

    [Fact]
    public async Task Batches_change_nothing()
    {
        foreach (int batch in new[] { 0, 1, 2, 64 })
            Assert.Equal(5, (await SelectAsync(Request("job", "x") with { BatchSize = batch })).Count);
    }

    [Fact]
    public async Task Label_names_are_sorted_and_unique()
    {
        IStore store = await CreateAsync(External, Data);

        LabelsAnswer all = await store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 5000 }, Token);
        LabelsAnswer some = await store.LabelNamesAsync(
            new LabelNamesRequest
            {
                MinTimeMs = 0,
                MaxTimeMs = 5000,
                Matchers = [LabelMatcher.Equal("__name__", "other")],
                WithoutReplicaLabels = ["replica"],
            },
            Token);

        Assert.Equal(["__name__", "cluster", "instance", "job", "replica"], all.Values);
        Assert.Equal(["__name__", "cluster", "job"], some.Values);
    }

    [Fact]
    public async Task Label_values_are_sorted_and_unique()
    {
        IStore store = await CreateAsync(External, Data);
        var request = new LabelValuesRequest { Label = "__name__", MinTimeMs = 0, MaxTimeMs = 5000 };

        Assert.Equal(["other", "up"], (await store.LabelValuesAsync(request, Token)).Values);
        Assert.Equal(["one"], (await store.LabelValuesAsync(request with { Label = "cluster" }, Token)).Values);
        Assert.Empty((await store.LabelValuesAsync(request with { Label = "nope" }, Token)).Values);
        Assert.Equal(["up"], (await store.LabelValuesAsync(
            request with { Matchers = [LabelMatcher.Equal("instance", "h2")] }, Token)).Values);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected static SelectRequest Request(params string[] equal)
    {
        var matchers = new List<LabelMatcher>();
        for (var i = 0; i < equal.Length; i += 2) matchers.Add(LabelMatcher.Equal(equal[i], equal[i + 1]));
        return new SelectRequest { MinTimeMs = 0, MaxTimeMs = 5000, Matchers = matchers, Aggregates = Aggregates.Raw };
    }

    /// <summary>The answer with the stretches of a series put together.</summary>
    protected static async Task<IReadOnlyList<ChunkSeries>> CollectAsync(IStore store, SelectRequest request)
    {
        var series = new List<ChunkSeries>();
        await foreach (SeriesFrame frame in store.SelectAsync(request, Token))
        {
            Assert.Empty(frame.Warnings);
            foreach (ChunkSeries one in frame.Series)
            {
                if (series.Count > 0 && series[^1].Labels == one.Labels)
                    series[^1] = one with { Chunks = [.. series[^1].Chunks, .. one.Chunks] };
                else series.Add(one);
            }
        }

        return series;
    }

    /// <summary>Made-up chunk bytes, different for each series and chunk; contract tests never decode.</summary>
    protected static byte[] ChunkBytes(int series, int chunk) => [0, 1, (byte)series, (byte)chunk];

    private async Task<IReadOnlyList<ChunkSeries>> SelectAsync(SelectRequest request) =>
        await CollectAsync(await CreateAsync(External, Data), request);

    private static List<ChunkSeries> MakeData()
    {
        var data = new List<ChunkSeries>();
        for (var i = 0; i < 4; i++)
        {
            data.Add(new ChunkSeries(
                Labels.Of("__name__", "up", "instance", $"h{i}", "job", "x"), [MakeChunk(i, 0), MakeChunk(i, 1)]));
        }

        data.Add(new ChunkSeries(Labels.Of("__name__", "other", "job", "x"), [MakeChunk(9, 1)]));
        return data;
    }

    private static SeriesChunk MakeChunk(int series, int chunk) =>
        new(chunk * 1000, chunk * 1000 + 999, new Chunk(ChunkEncoding.Xor, ChunkBytes(series, chunk)));
}
