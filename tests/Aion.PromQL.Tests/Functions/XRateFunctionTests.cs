using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>The rules of Thanos's engine for its own functions, each on the smallest series that shows it.</summary>
public sealed class XRateFunctionTests
{
    private static readonly QueryOptions Options = new() { Parser = ParserOptions.Default with { ExtendedFunctions = true } };

    private readonly QueryEngine _engine = new(TimeProvider.System);

    [Theory]
    // Growth counts from the last sample at or before the start of the window.
    [InlineData("xincrease(m[50s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 100)]
    [InlineData("xincrease(m[5s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 10)]
    [InlineData("xincrease(m[3s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 10)]
    [InlineData("xincrease(m[10s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 17, 20)]
    [InlineData("xincrease(m[20s] offset 10s)", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 40)]
    [InlineData("xincrease(m[10s] @ 30)", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 20)]
    // A reset begins at zero again.
    [InlineData("xincrease(m[30m])", "0 1 2 3 2 3 4", 300, 1800, 7)]
    [InlineData("xrate(m[50s])", "0 10 20 30 40 50 0 10 20 30 40", 5, 50, 1.8)]
    // A counter that appeared within the range counts from zero, as long as it has not moved.
    [InlineData("xincrease(m[1h15m])", "_ _ _ 5", 300, 4500, 5)]
    [InlineData("xincrease(m[1m])", "7 7 7 7", 30, 60, 7)]
    [InlineData("xincrease(m[1m])", "7 7 7 7", 30, 90, 0)]
    [InlineData("xincrease(m[1m])", "7 7 9 9", 30, 60, 2)]
    [InlineData("xrate(m[1m])", "7 7 7 7", 30, 60, 0)]
    // xrate and xdelta scale to the range when the samples reach over both ends.
    [InlineData("xrate(m[3s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 2)]
    [InlineData("xrate(m[100s])", "0 10 20 30 40 50 60 70 80 90 100", 5, 50, 1)]
    [InlineData("xdelta(m[20m])", "0 50 300 150 200", 300, 1200, 200)]
    [InlineData("xdelta(m[19m])", "0 50 300 150 200", 300, 1200, 190)]
    [InlineData("xdelta(m[1m])", "200 150 300 50 0", 300, 1200, -10)]
    // A sample further before the window than samples lie apart is left out; with fewer than three there is no growth then.
    [InlineData("xdelta(m[20s])", "5 _ _ _ _ _ 10 20 30", 5, 40, 20)]
    [InlineData("xdelta(m[20s])", "5 _ _ _ _ _ _ _ 30", 5, 40, 12.5)]
    [InlineData("xdelta(m[20s])", "5 _ _ _ _ _ 10 _ 30", 5, 45, 20)]
    [InlineData("xincrease(m[20s])", "5 _ _ _ _ _ 10 20 30", 5, 40, 25)]
    // Beyond an hour nothing is looked back for.
    [InlineData("xincrease(m[1m])", "1 _ _ _ _ _ _ _ _ _ _ _ 5 6", 300, 3900, 1)]
    [InlineData("xincrease(m[1m])", "1 _ _ _ _ _ _ _ _ _ _ _ _ 6", 300, 3900, 6)]
    public async Task Growth_follows_the_rules_of_Thanos(string query, string values, int everySeconds, int atSeconds, double expected)
    {
        QueryResult result = await _engine.InstantAsync(
            query, atSeconds * 1_000, Options, Stored(values, everySeconds), TestContext.Current.CancellationToken);

        ResultSeries series = Assert.Single(result.Series);
        Assert.Equal(Labels.Of("path", "/foo"), series.Labels);
        foreach (ResultPoint point in series) Assert.Equal(expected, point.Value, 1e-12);
        Assert.Empty(result.Infos);
    }

    [Theory]
    [InlineData("xincrease(m[10s])", 10, "0:1 10:4 20:5 30:10 40:0 50:20 60:0")]
    [InlineData("xincrease(m[10s])", 20, "0:1 20:5 40:0 60:0")]
    [InlineData("xincrease(m[20s])", 10, "0:1 10:4 20:9 30:15 40:10 50:20 60:20")]
    public async Task Every_step_of_a_range_is_what_an_instant_query_answers(string query, int step, string expected)
    {
        foreach (bool perStep in (bool[])[false, true])
        {
            QueryResult result = await _engine.RangeAsync(
                query, 0, 60_000, step * 1_000, Options with { PerStepStatistics = perStep }, Stored("1 5 10 20 _ 40", 10), TestContext.Current.CancellationToken);

            List<string> points = [];
            foreach (ResultPoint point in Assert.Single(result.Series)) points.Add(FormattableString.Invariant($"{point.TimestampMs / 1_000}:{point.Value}"));
            Assert.Equal(expected, string.Join(' ', points));
        }
    }

    [Theory]
    // The first sample lies more than an hour before the window: an instant query does not see it, so neither does that step of a range.
    [InlineData("7 _ _ _ _ _ _ _ _ _ _ _ _ _ _ 7 7 7")]
    [InlineData("7 7 _ _ _ _ _ _ _ _ _ _ _ 7 _ _ 7 7")]
    [InlineData("1 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3")]
    public async Task What_lies_too_far_back_counts_in_no_step(string values)
    {
        foreach (string query in (string[])["xincrease(m[5m])", "xincrease(m[12m] offset 1m)", "xrate(m[5m])", "xdelta(m[9m])"])
        {
            foreach (bool perStep in (bool[])[false, true])
            {
                QueryOptions options = Options with { PerStepStatistics = perStep };
                QueryResult range = await _engine.RangeAsync(query, 0, 6_000_000, 60_000, options, Stored(values, 300), TestContext.Current.CancellationToken);
                List<string> steps = [], instants = [];
                foreach (ResultPoint point in Assert.Single(range.Series)) steps.Add(FormattableString.Invariant($"{point.TimestampMs}:{point.Value}"));
                for (var at = 0; at <= 6_000_000; at += 60_000)
                {
                    QueryResult instant = await _engine.InstantAsync(query, at, options, Stored(values, 300), TestContext.Current.CancellationToken);
                    foreach (ResultSeries series in instant.Series)
                        foreach (ResultPoint point in series) instants.Add(FormattableString.Invariant($"{point.TimestampMs}:{point.Value}"));
                }

                Assert.Equal(instants, steps);
            }
        }
    }

    [Fact]
    public async Task Native_histograms_are_refused()
    {
        var store = new ScriptStore();
        foreach (ScriptCommand command in ScriptParser.Parse("load 5s\n  m {{sum:1 count:1 buckets:[1]}}x10\n"))
            if (command is LoadCommand load) store.Load(load);

        var error = await Assert.ThrowsAsync<PromQLException>(
            () => _engine.InstantAsync("sum(xincrease(m[50s]))", 50_000, Options, store, TestContext.Current.CancellationToken));

        Assert.Equal("native histograms are not supported in extended range functions", error.Message);
    }

    private static MemoryQuerier Stored(string values, int everySeconds)
    {
        (long, double)[] samples = [.. values.Split(' ').Index().Where(v => v.Item != "_")
            .Select(v => (v.Index * everySeconds * 1_000L, double.Parse(v.Item, System.Globalization.CultureInfo.InvariantCulture)))];
        return new MemoryQuerier().Add(Labels.Of("__name__", "m", "path", "/foo"), samples);
    }
}
