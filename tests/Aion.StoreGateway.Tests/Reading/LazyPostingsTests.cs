using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using MatchType = Aion.Model.MatchType;

namespace Aion.StoreGateway.Tests;

public sealed class LazyPostingsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task The_answer_is_the_same_and_fewer_postings_are_read()
    {
        string bucket = _temp.Combine("bucket");
        TestBlocks.Write(bucket, BlockId.New(TimeProvider.System), Labels.Of("replica", "a"), TestBlocks.Some(2000, instances: 100));
        using TestGateway whole = await TestGateway.SyncedAsync(bucket, new StoreGatewayOptions());
        using TestGateway lazy = await TestGateway.SyncedAsync(bucket, new StoreGatewayOptions { ExpandsPostingsLazily = true, EstimatedSeriesBytes = 64 });
        foreach (LabelMatcher[] matchers in Selections())
        {
            Assert.Equal((await whole.SelectAsync(matchers)).Series.Select(s => s.Labels), (await lazy.SelectAsync(matchers)).Series.Select(s => s.Labels));
            Assert.Equal(await NamesAsync(whole, matchers), await NamesAsync(lazy, matchers));
        }

        Assert.True(await lazy.MetricAsync("thanos_bucket_store_lazy_expanded_postings_total") > 0);
        Assert.True(await lazy.MetricAsync("thanos_bucket_store_lazy_expanded_posting_series_overfetched_size_bytes_total") > 0);
        Assert.Equal(0, await whole.MetricAsync("thanos_bucket_store_lazy_expanded_postings_total"));
    }

    [Fact]
    public async Task What_filtering_left_is_cached_as_the_expanded_postings()
    {
        string bucket = _temp.Combine("bucket");
        TestBlocks.Write(bucket, BlockId.New(TimeProvider.System), Labels.Empty, TestBlocks.Some(2000, instances: 100));
        var options = new StoreGatewayOptions { ExpandsPostingsLazily = true, EstimatedSeriesBytes = 64, IndexCache = IndexCacheConfig.OfSize(64 << 20) };
        using TestGateway lazy = await TestGateway.SyncedAsync(bucket, options);
        LabelMatcher[] matchers = Selections()[0];

        List<ChunkSeries> first = (await lazy.SelectAsync(matchers)).Series;
        double afterFirst = await lazy.MetricAsync("thanos_bucket_store_lazy_expanded_postings_total");
        List<ChunkSeries> second = (await lazy.SelectAsync(matchers)).Series;

        Assert.Equal(1, afterFirst);
        Assert.Equal(1, await lazy.MetricAsync("thanos_bucket_store_lazy_expanded_postings_total"));
        Assert.Equal(first.Select(s => s.Labels), second.Select(s => s.Labels));
    }

    [Fact]
    public void Long_lists_are_left_to_a_look_at_few_series()
    {
        LazyChoice choice = LazyPostings.Choose(Plan(("a", 10, true, 1), ("b", 1_000_000, true, 1)), seriesBytes: 500, maxKeySeriesRatio: 100);

        Assert.Equal(["a"], choice.Eager.Select(g => g.Name));
        Assert.Equal(["b"], choice.Lazy.Select(g => g.Name));
        Assert.Equal(LazyChoice.PostingsSize, choice.Reason);
        Assert.Equal(4_000_000, choice.LazyBytes);
    }

    [Fact]
    public void Short_lists_are_read()
    {
        Assert.Empty(LazyPostings.Choose(Plan(("a", 100, true, 1), ("b", 200, true, 2)), seriesBytes: 500, maxKeySeriesRatio: 100).Lazy);
        Assert.Empty(LazyPostings.Choose(Plan(("a", 100, true, 1)), seriesBytes: 500, maxKeySeriesRatio: 100).Lazy);
        Assert.Empty(LazyPostings.Choose(Plan(("a", 100, true, 1), ("b", 1_000_000, true, 1)), seriesBytes: 0, maxKeySeriesRatio: 100).Lazy);
    }

    [Fact]
    public void A_matcher_of_far_more_values_than_series_is_left_to_a_look_and_those_behind_it_are_not()
    {
        LazyChoice choice = LazyPostings.Choose(Plan(("a", 2, true, 1), ("b", 300, true, 300), ("c", 300, true, 1)), seriesBytes: 10_000, maxKeySeriesRatio: 100);

        Assert.Equal(["a", "c"], choice.Eager.Select(g => g.Name));
        Assert.Equal(["b"], choice.Lazy.Select(g => g.Name));
        Assert.Equal(LazyChoice.KeysLimit, choice.Reason);
        Assert.Empty(LazyPostings.Choose(Plan(("a", 2, true, 1), ("b", 300, true, 300)), seriesBytes: 10_000, maxKeySeriesRatio: 0).Lazy);
    }

    [Fact]
    public void Lists_to_take_away_are_read_when_they_come_before_the_first_to_add()
    {
        LazyChoice choice = LazyPostings.Choose(Plan(("a", 5, false, 1), ("b", 10, true, 1), ("c", 1_000_000, false, 1)), seriesBytes: 500, maxKeySeriesRatio: 100);

        Assert.Equal(["a", "b"], choice.Eager.Select(g => g.Name));
        Assert.Equal(["c"], choice.Lazy.Select(g => g.Name));
    }

    private static LabelMatcher[][] Selections() =>
    [
        [LabelMatcher.Equal("id", "s7"), LabelMatcher.Equal("__name__", "up")],
        [LabelMatcher.Equal("id", "s7"), new LabelMatcher(MatchType.NotEqual, "__name__", "up")],
        [LabelMatcher.Equal("instance", "i7"), new LabelMatcher(MatchType.Regex, "id", "s.*7")],
        [LabelMatcher.Equal("instance", "i7"), new LabelMatcher(MatchType.Regex, "absent", "|x"), new LabelMatcher(MatchType.Regex, "__name__", ".+")],
        [LabelMatcher.Equal("instance", "i7"), new LabelMatcher(MatchType.NotRegex, "id", "s.*7"), LabelMatcher.Equal("__name__", "up")],
    ];

    private static async Task<IReadOnlyList<string>> NamesAsync(TestGateway gateway, LabelMatcher[] matchers) =>
        (await gateway.Store.LabelNamesAsync(new LabelNamesRequest { MinTimeMs = 0, MaxTimeMs = 100_000, Matchers = matchers }, CancellationToken.None)).Values;

    /// <summary>Groups as a plan over an index would have them: name, series in its lists, adds or takes away, lists.</summary>
    private static IReadOnlyList<PostingsGroup> Plan(params (string Name, int Cardinality, bool Adds, int Keys)[] groups)
    {
        var plan = new List<PostingsGroup>();
        foreach ((string name, int cardinality, bool adds, int keys) in groups)
        {
            PostingsEntry[] entries =
            [
                .. Enumerable.Range(0, keys).Select(k => new PostingsEntry(name, new byte[] { (byte)k }, new PostingsRange(0, 4 + 4L * cardinality / keys))),
            ];
            plan.Add(new PostingsGroup(name, !adds, adds ? entries : [], adds ? [] : entries));
        }

        return plan;
    }
}
