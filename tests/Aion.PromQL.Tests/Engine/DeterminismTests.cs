using System.Globalization;
using Aion.Model;

namespace Aion.PromQL.Tests;

/// <summary>The same query over the same data answers the same, to the last bit and in the same order, however many workers there are.</summary>
public sealed class DeterminismTests
{
    private readonly QueryEngine _engine = new(TimeProvider.System);

    [Theory]
    [InlineData("sum(m)")]
    [InlineData("avg by (zone) (rate(m[2m]))")]
    [InlineData("stddev by (zone) (m)")]
    [InlineData("quantile by (zone) (0.3, m)")]
    [InlineData("topk by (zone) (3, m)")]
    [InlineData("bottomk(5, rate(m[2m]))")]
    [InlineData("limitk(7, m)")]
    [InlineData("count_values(\"v\", round(m, 50))")]
    [InlineData("m / on (i) group_left () sum by (i) (m)")]
    [InlineData("sum by (zone) (m) / on () group_left () sum(m)")]
    [InlineData("m or n")]
    [InlineData("avg_over_time(sum(rate(m[2m]))[5m:30s])")]
    [InlineData("sort_desc(m)")]
    [InlineData("sum(m{zone=\"z1\"} * n)")]
    public async Task Answers_do_not_depend_on_the_number_of_workers(string query)
    {
        string? first = null;
        foreach (int workers in (int[])[1, 2, 3, 8, 8, 8])
        {
            foreach (int batch in (int[])[1_000, 37])
            {
                string outcome = await OutcomeAsync(query, workers, Stored(batch));
                Assert.Equal(first ??= outcome, outcome);
            }
        }
    }

    private static MemoryQuerier Stored(int batch)
    {
        var querier = new MemoryQuerier(batch);
        var random = new Random(11);
        for (var i = 0; i < 400; i++)
        {
            double value = Math.Exp(random.Next(-20, 20));
            foreach (string name in (string[])["m", "n"])
            {
                querier.Add(
                    Labels.Of("__name__", name, "i", $"{i:000}", "zone", $"z{i % 7}"),
                    [.. Enumerable.Range(0, 40).Select(k => (k * 15_000L + random.Next(3_000), random.Next(30) == 0 ? value = 0 : value += random.NextDouble() * value))]);
            }
        }

        return querier;
    }

    private async Task<string> OutcomeAsync(string query, int workers, MemoryQuerier querier)
    {
        var options = new QueryOptions { Parser = ParserOptions.AllFeatures, Parallelism = workers, MaxSamples = 0 };
        CancellationToken token = TestContext.Current.CancellationToken;
        QueryResult range = await _engine.RangeAsync(query, 0, 600_000, 20_000, options, querier, token);
        QueryResult instant = await _engine.InstantAsync(query, 500_000, options, querier, token);
        List<string> lines = [];
        foreach (QueryResult result in (QueryResult[])[range, instant])
        {
            lines.AddRange([.. result.Warnings, .. result.Infos, result.Statistics.TotalQueryableSamples.ToString(CultureInfo.InvariantCulture)]);
            foreach (ResultSeries series in result.Series)
                foreach (ResultPoint point in series)
                    lines.Add(string.Create(CultureInfo.InvariantCulture, $"{series.Labels} {point.TimestampMs} {BitConverter.DoubleToInt64Bits(point.Value):x}"));
        }

        return string.Join('\n', lines);
    }
}
