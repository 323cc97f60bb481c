using Aion.Model;
using Aion.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Aion.PromQL.Tests;

public sealed class QueryEngineTests
{
    private static readonly QueryOptions Options = new() { Parallelism = 2 };
    private readonly QueryEngine _engine = new(TimeProvider.System);

    [Fact]
    public async Task Answers_do_not_depend_on_workers_or_batches()
    {
        MemoryQuerier small = Counters(new MemoryQuerier(3)), large = Counters(new MemoryQuerier(1000));
        foreach (string query in (string[])["sum by (zone) (rate(m[5m]))", "avg(m)", "m / on(i) m", "topk(3, m)", "stddev by (zone) (m)"])
        {
            QueryResult one = await RangeAsync(query, Options with { Parallelism = 1 }, small);
            QueryResult many = await RangeAsync(query, Options with { Parallelism = 8 }, large);

            Assert.Equal(Bits(one), Bits(many));
        }
    }

    [Fact]
    public async Task A_canceled_query_says_so_and_closes_its_selects()
    {
        using var cancel = new CancellationTokenSource();
        MemoryQuerier querier = Counters(new MemoryQuerier(10));
        querier.BeforeRead = _ => cancel.Cancel();

        var error = await Assert.ThrowsAsync<PromQLException>(
            () => _engine.RangeAsync("sum(rate(m[5m]))", 0, 600_000, 60_000, Options, querier, cancel.Token));

        Assert.Equal(QueryErrorKind.Canceled, error.Kind);
        Assert.Equal("query was canceled in expression evaluation", error.Message);
        Assert.Equal(0, querier.OpenSelects);
    }

    [Fact]
    public async Task A_query_beyond_its_deadline_times_out()
    {
        var time = new FakeTimeProvider();
        MemoryQuerier querier = Counters(new MemoryQuerier(10));
        querier.BeforeRead = _ => time.Advance(TimeSpan.FromSeconds(61));

        var error = await Assert.ThrowsAsync<PromQLException>(() => new QueryEngine(time).RangeAsync(
            "sum(m)", 0, 600_000, 60_000, Options with { Timeout = TimeSpan.FromSeconds(60) }, querier, TestContext.Current.CancellationToken));

        Assert.Equal(QueryErrorKind.Timeout, error.Kind);
        Assert.Equal("query timed out in expression evaluation", error.Message);
        Assert.Equal(0, querier.OpenSelects);
    }

    [Fact]
    public async Task Too_many_samples_fail_the_query()
    {
        var error = await Assert.ThrowsAsync<PromQLException>(
            () => RangeAsync("m", Options with { MaxSamples = 100 }, Counters(new MemoryQuerier())));

        Assert.Equal(QueryErrorKind.Execution, error.Kind);
        Assert.Equal("query processing would load too many samples into memory in query execution", error.Message);
    }

    [Fact]
    public async Task A_folded_series_is_forgotten()
    {
        // 200 series of 11 steps pass through, but only a batch of rows is held at a time.
        QueryResult result = await RangeAsync("sum(m)", Options with { MaxSamples = 200 }, Counters(new MemoryQuerier(5)));

        Assert.Single(result.Series);
        Assert.InRange(result.Statistics.PeakSamples, 11, 200);
    }

    [Fact]
    public async Task A_query_over_its_memory_budget_fails_alone_and_names_the_flag()
    {
        using var process = new MemoryBudget(0, "--memory");
        using var budget = new MemoryBudget(5_000, "--query.max-memory", process);

        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync("m", Options with { Budget = budget }, Counters(new MemoryQuerier())));

        Assert.Equal(QueryErrorKind.Execution, error.Kind);
        Assert.Contains("--query.max-memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_store_fails_the_query()
    {
        MemoryQuerier querier = Counters(new MemoryQuerier());
        querier.Failure = new StoreException(StoreErrorKind.Unavailable, "store x: chunk is corrupt");

        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync("sum(m)", Options, querier));

        Assert.Equal(QueryErrorKind.Execution, error.Kind);
        Assert.Equal("expanding series: store x: chunk is corrupt", error.Message);
        Assert.Equal(0, querier.OpenSelects);
    }

    [Fact]
    public async Task A_text_that_does_not_parse_is_bad_data()
    {
        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync("sum(", Options, new MemoryQuerier()));

        Assert.Equal(QueryErrorKind.BadData, error.Kind);
        Assert.StartsWith("1:5: parse error:", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m[5m]", "range vector")]
    [InlineData("\"text\"", "string")]
    public async Task A_range_query_wants_scalars_or_instant_vectors(string query, string type)
    {
        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync(query, Options, new MemoryQuerier()));

        Assert.Equal($"invalid expression type \"{type}\" for range query, must be Scalar or instant Vector", error.Message);
    }

    [Theory]
    [InlineData("abs(", "m", ")")]
    [InlineData("-(", "m", ")")]
    [InlineData("max_over_time(", "m", "[1m:1m])")]
    [InlineData("", "m", " + 1")]
    [InlineData("m and ", "m", "")]
    public async Task Queries_nested_as_deep_as_the_parser_allows_are_evaluated(string open, string inner, string close)
    {
        string query = string.Concat(Enumerable.Repeat(open, 300)) + inner + string.Concat(Enumerable.Repeat(close, 300));

        QueryResult result = await RangeAsync(query, Options, new MemoryQuerier().Add(Labels.Of("__name__", "m"), (0, 1), (60_000, 2)));

        Assert.Single(result.Series);
    }

    [Fact]
    public async Task A_subquery_with_too_many_steps_is_refused_before_anything_is_allocated()
    {
        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync("sum_over_time(m[100y:1ms])", Options, Counters(new MemoryQuerier())));

        Assert.Equal("query processing would load too many samples into memory in query execution", error.Message);
    }

    [Fact]
    public async Task What_is_not_built_is_refused_by_name()
    {
        QueryOptions options = Options with { Parser = ParserOptions.AllFeatures with { ExtendedFunctions = true } };

        var error = await Assert.ThrowsAsync<PromQLException>(() => RangeAsync("xrate(m[5m:1m])", options, new MemoryQuerier()));

        Assert.Equal("xrate() is not supported over a subquery", error.Message);
    }

    [Fact]
    public async Task Statistics_count_windows_and_what_was_read_once()
    {
        MemoryQuerier querier = new MemoryQuerier().Add(
            Labels.Of("__name__", "m"), [.. Enumerable.Range(0, 11).Select(i => (i * 60_000L, (double)i))]);

        QueryResult result = await RangeAsync("rate(m[3m])", Options with { PerStepStatistics = true }, querier);

        Assert.Equal([1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3], result.Statistics.TotalQueryableSamplesPerStep);
        Assert.Equal(30, result.Statistics.TotalQueryableSamples);
        Assert.Equal(11, result.Statistics.SamplesRead);
    }

    [Theory]
    [InlineData("sum(rate(m[5m])) / count(rate(m[5m]))", 1)]
    [InlineData("sum(rate(m[5m])) / sum(increase(m[5m]))", 2)]
    [InlineData("m + m offset 1m", 2)]
    [InlineData("m - on(i) m{i=~'.+'} + on(i) m", 2)]
    [InlineData("max_over_time(m[5m:1m]) - max_over_time(m[5m:1m]) + max_over_time(m[4m:1m])", 2)]
    public async Task Selectors_that_ask_the_same_are_one_select(string query, int selects)
    {
        MemoryQuerier merged = Counters(new MemoryQuerier(7)), apart = Counters(new MemoryQuerier(7));

        QueryResult one = await RangeAsync(query, Options, merged);
        QueryResult two = await RangeAsync(query, Options with { DisabledPasses = new HashSet<string>(QueryEngine.PassNames) }, apart);

        Assert.Equal(selects, merged.Selects);
        Assert.Equal(Bits(two), Bits(one));
        Assert.Equal(two.Statistics.TotalQueryableSamples, one.Statistics.TotalQueryableSamples);
    }

    private static MemoryQuerier Counters(MemoryQuerier querier)
    {
        var random = new Random(7);
        for (var i = 0; i < 200; i++)
        {
            double value = 0;
            querier.Add(
                Labels.Of("__name__", "m", "i", $"{i:000}", "zone", $"z{i % 7}"),
                [.. Enumerable.Range(0, 41).Select(k => (k * 15_000L, value = random.Next(20) == 0 ? 0 : value + random.NextDouble()))]);
        }

        return querier;
    }

    private static string[] Bits(QueryResult result)
    {
        List<string> lines = [];
        foreach (ResultSeries series in result.Series)
            foreach (ResultPoint point in series)
                lines.Add($"{series.Labels} {point.TimestampMs} {BitConverter.DoubleToInt64Bits(point.Value):x}");
        return [.. lines];
    }

    private Task<QueryResult> RangeAsync(string query, QueryOptions options, MemoryQuerier querier) =>
        _engine.RangeAsync(query, 0, 600_000, 60_000, options, querier, TestContext.Current.CancellationToken);
}
