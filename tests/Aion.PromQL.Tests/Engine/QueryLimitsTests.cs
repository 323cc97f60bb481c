using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

/// <summary>Queries that ask for too much, or that nobody waits for any more.</summary>
public sealed class QueryLimitsTests
{
    // Long enough for any machine; without a poll inside the loops these queries would take hours.
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    private static readonly QueryOptions Options = new() { MaxSamples = 0, Parallelism = 2 };

    private readonly QueryEngine _engine = new(TimeProvider.System);

    [Theory]
    [InlineData("m", 5)]
    [InlineData("count({__name__=~\".+\"} * 2) + count_values(\"v\", m)", 60)]
    [InlineData("m[10m]", 0)]
    [InlineData("m + on(i) m", 60)]
    [InlineData("m or m offset 1m", 60)]
    [InlineData("topk(500, m)", 60)]
    [InlineData("quantile(0.5, m)", 60)]
    [InlineData("max_over_time(m[10m:1ms])", 60)]
    [InlineData("vector(time())", 1_000_000)]
    [InlineData("sum_over_time(vector(1)[1d:100ms])", 5)]
    public async Task A_query_over_its_budget_says_what_it_wanted_and_gives_everything_back(string query, int steps)
    {
        using var process = new MemoryBudget(0, "--total");
        var budget = new MemoryBudget(80_000, "--query.max-memory-bytes", process);
        QueryOptions options = Options with { Budget = budget };
        CancellationToken token = TestContext.Current.CancellationToken;

        var error = await Assert.ThrowsAsync<PromQLException>(() => steps == 0
            ? _engine.InstantAsync(query, 600_000, options, ManySeries(1_000), token)
            : _engine.RangeAsync(query, 0, steps * 1_000L, 1_000, options, ManySeries(1_000), token));

        Assert.Equal(QueryErrorKind.Execution, error.Kind);
        Assert.Matches(@"^memory budget exceeded: .+ wants \d+ bytes on top of \d+, the limit is 80000 \(--query\.max-memory-bytes raises it\)$", error.Message);
        Assert.InRange(budget.PeakBytes, 0, 80_000);
        budget.Dispose();
        Assert.Equal(0, process.UsedBytes);
    }

    [Fact]
    public async Task Ten_queries_over_budget_at_once_leave_others_unharmed()
    {
        using var process = new MemoryBudget(4_000_000, "--query.max-total-memory-bytes", holder: "all queries together");
        MemoryQuerier querier = ManySeries(2_000);
        CancellationToken token = TestContext.Current.CancellationToken;

        // Five run into their own limit and five into that of the process, while the good ones go on.
        Task<string>[] bad = [.. Enumerable.Range(0, 10).Select(i => Task.Run(() => FailureAsync("m * 2", i % 2 == 0 ? 500_000 : 0), token))];
        Task<int>[] good = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => SeriesAsync("sum by (zone) (m{i=~\"0.*\"})"), token))];

        foreach (string message in await Task.WhenAll(bad)) Assert.Contains("raises it)", message, StringComparison.Ordinal);
        Assert.All(await Task.WhenAll(good), count => Assert.Equal(7, count));
        Assert.Equal(0, process.UsedBytes);
        Assert.Equal(0, querier.OpenSelects);

        async Task<string> FailureAsync(string query, long limit)
        {
            using var budget = new MemoryBudget(limit, "--query.max-memory-bytes", process);
            var error = await Assert.ThrowsAsync<PromQLException>(
                () => _engine.RangeAsync(query, 0, 1_000_000, 1_000, Options with { Budget = budget }, ManySeries(2_000), token));
            return error.Message;
        }

        async Task<int> SeriesAsync(string query)
        {
            // The bad ones may have taken all there is for a moment, which the one that asks then is told.
            while (true)
            {
                using var budget = new MemoryBudget(2_000_000, "--query.max-memory-bytes", process);
                try
                {
                    return (await _engine.RangeAsync(query, 0, 60_000, 1_000, Options with { Budget = budget }, ManySeries(100), token)).Series.Count;
                }
                catch (PromQLException e) when (e.Message.Contains("of all queries together", StringComparison.Ordinal))
                {
                    await Task.Yield();
                }
            }
        }
    }

    [Fact]
    public async Task A_query_within_its_budget_returns_what_it_drew()
    {
        using var process = new MemoryBudget(0, "--total");
        foreach (string query in (string[])["sum(m)", "m", "m / m", "m or m", "topk(3, m)", "rate(m[1m])", "max_over_time(m[1m:1s])", "count_values(\"v\", m)", "scalar(m)", "quantile(0.5, m)"])
        {
            using (var budget = new MemoryBudget(0, "--one", process))
                await _engine.RangeAsync(query, 0, 60_000, 1_000, Options with { Budget = budget }, ManySeries(300), TestContext.Current.CancellationToken);
            Assert.Equal(0, process.UsedBytes);
        }
    }

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("-", "m", "")]
    [InlineData("1 + ", "m", "")]
    [InlineData("2 ^ ", "m", "")]
    [InlineData("sum(", "m", ")")]
    [InlineData("abs(", "m", ")")]
    [InlineData("max_over_time(", "m", "[5m:1m])")]
    public async Task Deep_nesting_is_refused(string before, string middle, string after)
    {
        string query = string.Concat(Enumerable.Repeat(before, 100_000)) + middle + string.Concat(Enumerable.Repeat(after, 100_000));

        var error = await Assert.ThrowsAsync<PromQLException>(() => InstantAsync(query, new MemoryQuerier()));

        Assert.Equal(QueryErrorKind.BadData, error.Kind);
        Assert.Contains("nested", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-", "m", "")]
    [InlineData("m + ", "m", "")]
    [InlineData("abs(", "m", ")")]
    [InlineData("sum(", "m", ")")]
    public async Task Nesting_that_is_allowed_fits_the_stack(string before, string middle, string after)
    {
        string query = string.Concat(Enumerable.Repeat(before, 450)) + middle + string.Concat(Enumerable.Repeat(after, 450));

        QueryResult result = await InstantAsync(query, ManySeries(1));

        Assert.Single(result.Series);
    }

    [Theory]
    [InlineData("max_over_time(m[200y:1ms])")]
    [InlineData("max_over_time(vector(1)[200y:1ms])")]
    [InlineData("sum_over_time(max_over_time(m[1d:1ms])[10y:1s])")]
    public async Task A_giant_subquery_is_refused_as_Prometheus_does(string query)
    {
        var error = await Assert.ThrowsAsync<PromQLException>(() => InstantAsync(query, ManySeries(1)));

        Assert.Contains("too many samples", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(x{1000}){1000}")]
    [InlineData("((((x{30}){30}){30}){30}){30}")]
    public async Task A_giant_regex_is_refused(string pattern)
    {
        var error = await Assert.ThrowsAsync<PromQLException>(() => InstantAsync($"m{{i=~\"{pattern}\"}}", ManySeries(1)));

        Assert.Equal(QueryErrorKind.BadData, error.Kind);
    }

    [Fact]
    public async Task A_regex_that_backtracking_never_finishes_takes_linear_time()
    {
        MemoryQuerier querier = new MemoryQuerier().Add(Labels.Of("__name__", "m", "i", new string('a', 50_000)), (1_000, 1));

        QueryResult result = await InstantAsync("m{i=~\"(a*)*b|(a|aa)+c|(.*)(.*)(.*)(.*)[^a]\"}", querier).WaitAsync(Generous, TestContext.Current.CancellationToken);

        Assert.Empty(result.Series);
    }

    [Fact]
    public async Task A_canceled_query_reads_no_more_series()
    {
        MemoryQuerier querier = ManySeries(20_000);
        using var stop = new CancellationTokenSource();
        int read = 0, readAfter = 0;
        querier.BeforeRead = _ =>
        {
            if (stop.IsCancellationRequested) Interlocked.Increment(ref readAfter);
            if (Interlocked.Increment(ref read) == 500) stop.Cancel();
        };

        var error = await Assert.ThrowsAsync<PromQLException>(() => _engine.RangeAsync("sum(m)", 0, 60_000, 1_000, Options, querier, stop.Token));

        Assert.Equal(QueryErrorKind.Canceled, error.Kind);
        // Each worker may have one in hand.
        Assert.InRange(readAfter, 0, Options.Parallelism);
        Assert.Equal(0, querier.OpenSelects);
    }

    [Theory]
    [InlineData("sum_over_time(m[10000d])")]
    [InlineData("avg_over_time(m[10000d])")]
    [InlineData("stddev_over_time(m[10000d])")]
    [InlineData("quantile_over_time(0.9, m[10000d])")]
    [InlineData("mad_over_time(m[10000d])")]
    [InlineData("deriv(m[10000d])")]
    [InlineData("double_exponential_smoothing(m[10000d], 0.5, 0.5)")]
    [InlineData("rate(m[10000d])")]
    [InlineData("increase(m[10000d] anchored)")]
    [InlineData("changes(m[10000d])")]
    [InlineData("resets(m[10000d])")]
    [InlineData("max_over_time(m[10000d])")]
    [InlineData("ts_of_min_over_time(m[10000d])")]
    public async Task A_canceled_query_leaves_a_long_series(string query)
    {
        var random = new Random(3);
        MemoryQuerier querier = new MemoryQuerier().Add(
            Labels.Of("__name__", "m"), [.. Enumerable.Range(0, 2_000_000).Select(i => (i * 1_000L, random.NextDouble()))]);
        using var stop = new CancellationTokenSource();
        querier.BeforeRead = _ => stop.Cancel();
        QueryOptions options = Options with { Parser = ParserOptions.AllFeatures, Timeout = TimeSpan.Zero };

        Task<QueryResult> running = Task.Run(
            () => _engine.RangeAsync(query, 100_000_000, 2_000_000_000, 100_000, options, querier, stop.Token), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<PromQLException>(() => running.WaitAsync(Generous, TestContext.Current.CancellationToken));

        Assert.Equal(QueryErrorKind.Canceled, error.Kind);
    }

    private static MemoryQuerier ManySeries(int count)
    {
        var querier = new MemoryQuerier();
        for (var i = 0; i < count; i++)
            querier.Add(Labels.Of("__name__", "m", "i", $"{i:00000}", "zone", $"z{i % 7}"), (0, i), (500_000, i + 1), (600_000, i));
        return querier;
    }

    private Task<QueryResult> InstantAsync(string query, MemoryQuerier querier) =>
        _engine.InstantAsync(query, 600_000, Options with { Parser = ParserOptions.AllFeatures }, querier, TestContext.Current.CancellationToken);
}
