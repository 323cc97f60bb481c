using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL.Tests;

public sealed class ExplainTests
{
    private static readonly QueryOptions Options = new() { Parser = ParserOptions.AllFeatures };

    private readonly QueryEngine _engine = new(TimeProvider.System);

    [Theory]
    [InlineData("time()", "[duplicateLabelCheck]([noArgFunction])")]
    [InlineData("m{a=\"b\"}", "[concurrent(buff=2)]([vectorSelector] {[a=\"b\" __name__=\"m\"]} 0 mod 1)")]
    [InlineData("-m", "[duplicateLabelCheck]([unaryNegation]([concurrent(buff=2)]([vectorSelector] {[__name__=\"m\"]} 0 mod 1)))")]
    [InlineData("vector(1) and on(a) vector(2)", "[duplicateLabelCheck]([vectorBinary] and - many-to-many, on: [a], group: []([duplicateLabelCheck]([function] vector([1])([numberLiteral] 1)) [duplicateLabelCheck]([function] vector([2])([numberLiteral] 2))))")]
    [InlineData("max_over_time(vector(1)[5m:1m])", "[duplicateLabelCheck]([subquery] max_over_time()([stepInvariant]([duplicateLabelCheck]([function] vector([1])([numberLiteral] 1)))))")]
    [InlineData("count_values(\"v\", vector(1))", "[duplicateLabelCheck]([countValues] by ([]) - param (v)([duplicateLabelCheck]([function] vector([1])([numberLiteral] 1))))")]
    [InlineData("label_replace(vector(1), \"a\", \"b\", \"\", \"\")", "[duplicateLabelCheck]([relabel]([duplicateLabelCheck]([function] vector([1])([numberLiteral] 1))))")]
    public void A_plan_is_shown_in_the_words_of_Thanos(string query, string expected) =>
        Assert.Equal(expected, Text(QueryEngine.Explain(query, 0, 0, 0, Options)));

    [Theory]
    [InlineData("sum by (zone) (m)")]
    [InlineData("sum(rate(m[5m])) / count(m)")]
    [InlineData("m @ 300 * 2 + scalar(sum(m))")]
    [InlineData("quantile_over_time(0.5, m[5m]) or timestamp(m)")]
    [InlineData("topk(2, m)")]
    [InlineData("m - m")]
    public async Task Analysis_counts_what_the_statistics_count_and_changes_no_answer(string query)
    {
        var querier = new MemoryQuerier();
        for (var i = 0; i < 50; i++) querier.Add(Labels.Of("__name__", "m", "i", $"{i:00}", "zone", $"z{i % 3}"), (100_000, i), (200_000, i + 1), (400_000, i));

        using var budget = new MemoryBudget(0, "--flag");
        QueryResult plain = await RangeAsync(query, Options, querier), analyzed = await RangeAsync(query, Options with { Analyze = true, Budget = budget }, querier);

        Assert.Null(plain.Analysis);
        QueryOperator root = analyzed.Analysis!;
        Assert.Equal(Text(QueryEngine.Explain(query, 0, 600_000, 60_000, Options)), Text(root));
        Assert.Equal(plain.Statistics.TotalQueryableSamples, analyzed.Statistics.TotalQueryableSamples);
        Assert.Equal(analyzed.Statistics.TotalQueryableSamples, root.TotalSamples);
        Assert.InRange(root.PeakSamples, 1, analyzed.Statistics.PeakSamples);
        Assert.True(root.ExecutionTime > TimeSpan.Zero);
        Assert.Equal(plain.Series.Count, root.Series);
        Assert.True(root.Bytes >= plain.Series.Sum(r => r.PointCount * 8));
        Assert.InRange(root.PeakBytes, 1, budget.PeakBytes);
        Assert.Equal(Points(plain), Points(analyzed));
    }

    [Fact]
    public async Task Nesting_that_is_allowed_can_be_analyzed()
    {
        string query = string.Concat(Enumerable.Repeat("abs(", 450)) + "m" + new string(')', 450);

        QueryResult result = await RangeAsync(query, Options with { Analyze = true }, new MemoryQuerier().Add(Labels.Of("__name__", "m"), (1_000, 1)));

        Assert.Single(result.Series);
        Assert.NotNull(result.Analysis);
    }

    private static string Text(QueryOperator node) =>
        node.Children.Count == 0 ? node.Name : $"{node.Name}({string.Join(' ', node.Children.Select(Text))})";

    private static string[] Points(QueryResult result) =>
        [.. result.Series.SelectMany(s => Enumerate(s).Select(p => $"{s.Labels} {p.TimestampMs} {p.Value:R}"))];

    private static IEnumerable<ResultPoint> Enumerate(ResultSeries series)
    {
        List<ResultPoint> points = [];
        foreach (ResultPoint point in series) points.Add(point);
        return points;
    }

    private Task<QueryResult> RangeAsync(string query, QueryOptions options, MemoryQuerier querier) =>
        _engine.RangeAsync(query, 0, 600_000, 60_000, options, querier, TestContext.Current.CancellationToken);
}
