using System.Collections.Frozen;
using System.Globalization;

namespace Aion.PromQL.Tests;

/// <summary>Passes over the plan change how fast a query runs and never what it answers.</summary>
public sealed class PlanPassTests(ITestOutputHelper output)
{
    private static readonly QueryOptions Options = new() { Parser = ParserOptions.AllFeatures, MaxSamples = 0, Parallelism = 2 };

    private static readonly QueryOptions Naive = Options with { DisabledPasses = QueryEngine.PassNames.ToFrozenSet(StringComparer.Ordinal) };

    private readonly QueryEngine _engine = new(TimeProvider.System);

    /// <summary>Expressions a seed; <c>bench/random-expressions.sh --passes</c> asks for more of them over real blocks.</summary>
    public static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("AION_RANDOM_EXPRESSIONS") ?? "120", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_expressions_answer_the_same_with_and_without_passes(int seed)
    {
        ScriptStore store = Stored();
        var expressions = new RandomExpressions(seed);
        List<string> wrong = [];
        int answered = 0, rewritten = 0;
        for (var i = 0; i < Count; i++)
        {
            string query = expressions.Next();
            if (Shown(query, Options) != Shown(query, Naive)) rewritten++;
            foreach (bool delayed in (bool[])[false, true])
                foreach (bool isRange in (bool[])[false, true])
                {
                    string with = await OutcomeAsync(query, Options with { DelayedNameRemoval = delayed }, isRange, store);
                    string without = await OutcomeAsync(query, Naive with { DelayedNameRemoval = delayed }, isRange, store);
                    if (with != without) wrong.Add($"{query} (range {isRange}, delayed {delayed})\n  with: {with}\n  without: {without}");
                    if (!with.StartsWith("failed", StringComparison.Ordinal)) answered++;
                }
        }

        output.WriteLine($"seed {seed}: {answered} of {4 * Count} evaluations answered, {rewritten} plans rewritten");
        Assert.True(wrong.Count == 0, $"seed {seed}: {wrong.Count} differ\n{string.Join('\n', wrong.Take(10))}");
        Assert.InRange(answered, Count, 4 * Count);
        Assert.InRange(rewritten, Count / 20, Count);
    }

    [Theory]
    // All labels are compared, and those of one name are unique.
    [InlineData("m{x=\"1\"} / n", "n{x=\"1\"}")]
    [InlineData("m / n{x=\"1\"}", "m{x=\"1\"}")]
    [InlineData("m{x=\"1\",y!=\"2\",z=~\"a|b\"} / n", "n{x=\"1\",z=~\"a|b\"}")]
    [InlineData("rate(m{x=\"1\"}[5m]) > n", "n{x=\"1\"}")]
    [InlineData("m{x=\"1\"} + k + n", "k{x=\"1\"} n{x=\"1\"}")]
    [InlineData("m{x=\"1\"} * ignoring (y) group_left () n{y=\"2\"}", "n{y=\"2\",x=\"1\"}")]
    [InlineData("m * on (x) group_left () sum by (x) (rate(n{x=\"1\"}[5m]))", "m{x=\"1\"}")]
    [InlineData("m and on (x) n{x=\"1\",y=\"2\"}", "m{x=\"1\"}")]
    [InlineData("m{x=\"1\"} unless n", "n{x=\"1\"}")]
    // The other side may hold two series of one match group, which is an error to be kept.
    [InlineData("m{x=\"1\"} / on (x) n", "")]
    [InlineData("m / ignoring (y) n{x=\"1\"}", "")]
    [InlineData("m / {__name__=~\"n.*\",x=\"1\"}", "")]
    // Nothing follows for the other side.
    [InlineData("m unless n{x=\"1\"}", "")]
    [InlineData("m or n{x=\"1\"}", "")]
    [InlineData("m and ignoring (x) n{x=\"1\"}", "")]
    [InlineData("m / fill (0) n{x=\"1\"}", "")]
    [InlineData("label_replace(m{x=\"1\"}, \"x\", \"2\", \"\", \"\") / n", "")]
    [InlineData("sum by (y) (m{x=\"1\"}) and n", "")]
    // The querier takes the label off: it says nothing of what was selected.
    [InlineData("m{replica=\"1\"} / n", "")]
    [InlineData("m{replica=\"1\"} and n", "")]
    [InlineData("m{replica=\"1\"} unless n", "")]
    [InlineData("m{replica=\"1\",x=\"1\"} and n", "n{x=\"1\"}")]
    // Functions remark on what they see, and what two selectors ask is fetched once.
    [InlineData("m{x=\"1\"} / rate(n[5m])", "")]
    [InlineData("m{x=\"1\"} / n + n", "")]
    public void Matchers_go_over_to_the_other_side(string query, string narrowed)
    {
        HashSet<string> before = [.. Selectors(Planned(query, "propagate-matchers"))];

        Assert.Equal(narrowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), Selectors(Planned(query)).Where(s => !before.Contains(s)));
    }

    [Theory]
    [InlineData("sum by (x) (rate(t[1m]))")]
    [InlineData("sum(rate({__name__=~\"t|one\",x=\"2\"}[1m]))")]
    public async Task Series_that_differ_in_metadata_only_are_an_error_with_all_passes(string query) =>
        Assert.Equal("failed: vector cannot contain metrics with the same labelset", await OutcomeAsync(query, Options, isRange: true, Stored()));

    private static PlanNode Planned(string query, params string[] without)
    {
        PlanNode plan = new Planner(StepGrid.Instant(0), 0, 60_000).Plan(PromQLParser.Parse(query, ParserOptions.AllFeatures));
        return PlanPasses.Run(plan, without.ToHashSet(StringComparer.Ordinal), new HashSet<string> { "replica" });
    }

    private static IEnumerable<string> Selectors(PlanNode node) => node is SelectNode select
        ? [$"{select.Matchers.First(m => m.Name == "__name__").Value}{{{string.Join(',', select.Matchers.Where(m => m.Name != "__name__"))}}}"]
        : node.Children.SelectMany(Selectors);

    private static ScriptStore Stored()
    {
        var store = new ScriptStore();
        foreach (ScriptCommand command in ScriptParser.Parse(RandomExpressions.Data))
            if (command is LoadCommand load) store.Load(load);
        return store;
    }

    private static string Shown(string query, QueryOptions options)
    {
        try
        {
            return Text(QueryEngine.Explain(query, 600_000, 600_000, 0, options));
        }
        catch (PromQLException e)
        {
            return e.Message;
        }

        static string Text(QueryOperator node) => $"{node.Name}({string.Concat(node.Children.Select(Text))})";
    }

    /// <summary>Everything that a user sees of an answer except for the statistics, to the last bit.</summary>
    private async Task<string> OutcomeAsync(string query, QueryOptions options, bool isRange, ScriptStore store)
    {
        try
        {
            CancellationToken token = TestContext.Current.CancellationToken;
            QueryResult result = isRange
                ? await _engine.RangeAsync(query, 300_000, 1_200_000, 70_000, options, store, token)
                : await _engine.InstantAsync(query, 601_000, options, store, token);
            List<string> lines = [.. result.Warnings, .. result.Infos];
            foreach (ResultSeries series in result.Series)
                foreach (ResultPoint point in series)
                    lines.Add($"{series.Labels} {point.TimestampMs} {point.Histogram?.ToString() ?? BitConverter.DoubleToInt64Bits(point.Value).ToString("x", CultureInfo.InvariantCulture)}");
            return string.Join('\n', lines);
        }
        catch (PromQLException e)
        {
            return $"failed: {e.Message}";
        }
    }
}
