using Aion.Model;
using Aion.Protocol.Wire;
using Aion.Protocol.Wire.ExemplarsApi;
using Aion.Protocol.Wire.MetadataApi;
using Aion.Protocol.Wire.RulesApi;
using Aion.Protocol.Wire.StatusApi;
using Aion.Protocol.Wire.TargetsApi;
using Google.Protobuf.WellKnownTypes;

namespace Aion.Query.Tests;

public sealed class FleetMergeTests
{
    private static readonly string[] Replica = ["replica"];

    private static readonly RuleFilter All = new([], [], [], []);

    [Fact]
    public void Of_equal_rules_the_most_critical_stays_then_the_youngest()
    {
        RuleGroup quiet = Group(Alert("A", AlertState.Inactive, 300, "replica", "a")), firing = Group(Alert("A", AlertState.Firing, 100, "replica", "b"));
        RuleGroup younger = Group(Alert("A", AlertState.Firing, 200, "replica", "c"));

        MergedRule rule = Assert.Single(Assert.Single(RuleMerge.Merge([quiet, firing, younger], All, Replica)).Rules);

        Assert.Equal(AlertState.Firing, rule.State);
        Assert.Equal(200, rule.LastEvaluation!.Seconds);
        Assert.Equal(Labels.Empty, rule.Labels);
    }

    [Fact]
    public void Rules_that_differ_stay_apart_and_alerts_come_first()
    {
        RuleGroup group = Group(
            new Rule { Recording = new RecordingRule { Name = "a:b" } }, Alert("B", AlertState.Inactive, 1), Alert("A", AlertState.Inactive, 1, "severity", "page"),
            Alert("A", AlertState.Inactive, 1, "severity", "info"));

        MergedGroup merged = Assert.Single(RuleMerge.Merge([group], All, Replica));

        Assert.Equal(["A{severity=\"info\"}", "A{severity=\"page\"}", "B{}", "a:b{}"], merged.Rules.Select(r => r.Name + r.Labels));
    }

    [Theory]
    [InlineData("{severity=\"page\"}", 1)]
    [InlineData("{severity=\"info\"}", 0)]
    [InlineData("{team=\"x\"}", 1)]
    public void Matchers_filter_rules_and_leave_templates(string selector, int groups)
    {
        var filter = All with { Matchers = QuerySyntax.Selector(selector) };

        IReadOnlyList<MergedGroup> merged = RuleMerge.Merge([Group(Alert("A", AlertState.Inactive, 1, "severity", "page", "team", "{{ $labels.team }}"))], filter, Replica);

        Assert.Equal(groups, merged.Count);
    }

    [Fact]
    public void A_target_that_one_replica_finds_down_is_down()
    {
        var up = new TargetDiscovery { ActiveTargets = { Target(TargetHealth.Up, 300, "a") }, DroppedTargets = { new DroppedTarget { DiscoveredLabels = Set("x", "1", "replica", "a") } } };
        var down = new TargetDiscovery { ActiveTargets = { Target(TargetHealth.Down, 100, "b") }, DroppedTargets = { new DroppedTarget { DiscoveredLabels = Set("x", "1", "replica", "b") } } };

        (IReadOnlyList<MergedTarget> active, IReadOnlyList<Labels> dropped) = TargetMerge.Merge([up, down], Replica);

        Assert.Equal(TargetHealth.Down, Assert.Single(active).Target.Health);
        Assert.Equal(Labels.Of("x", "1"), Assert.Single(dropped));
    }

    [Fact]
    public void Metadata_that_servers_disagree_on_is_shown_whole_up_to_the_limit()
    {
        var one = new MetricMetadata { Metadata = { ["b"] = Entry("counter", "x"), ["a"] = Entry("gauge", "y") } };
        var two = new MetricMetadata { Metadata = { ["b"] = Entry("counter", "x"), ["a"] = Entry("gauge", "z") } };

        var merged = MetadataMerge.Merge([one, two], -1);

        Assert.Equal(["a", "b"], merged.Select(m => m.Key));
        Assert.Equal([2, 1], merged.Select(m => m.Value.Count));
        Assert.Equal("a", Assert.Single(MetadataMerge.Merge([one, two], 1)).Key);
        Assert.Empty(MetadataMerge.Merge([one, two], 0));
    }

    [Fact]
    public void Exemplars_of_replicas_are_one()
    {
        ExemplarData a = Exemplars("a", (2_000, 1), (1_000, 2)), b = Exemplars("b", (2_000, 1), (3_000, 1));

        var series = Assert.Single(ExemplarMerge.Merge([a, b], Replica));

        Assert.Equal(Labels.Of("__name__", "m"), series.Key);
        Assert.Equal([1_000, 2_000, 3_000], series.Value.Select(e => e.TimeMs));
    }

    [Fact]
    public void Statistics_add_up_but_for_the_values_of_a_label()
    {
        TSDBStatistics one = Statistics(3, 10, ("m", 3), ("n", 1)), two = Statistics(4, 5, ("m", 1), ("o", 2));

        TSDBStatisticsEntry merged = StatisticsMerge.Merge([one, two], 2);

        Assert.Equal((7UL, 5L), (merged.HeadStatistics.NumSeries, merged.HeadStatistics.MinTime));
        Assert.Equal(["m 4", "o 2"], merged.SeriesCountByMetricName.Select(s => $"{s.Name} {s.Value}"));
        Assert.Equal(["m 3", "o 2"], merged.LabelValueCountByLabelName.Select(s => $"{s.Name} {s.Value}"));
    }

    [Theory]
    [InlineData("rate(m{x=\"1\"}[5m]) + n", "{x=\"1\", __name__=\"m\"} + {__name__=\"n\"}")]
    [InlineData("m{cluster=\"one\"} + m", "{__name__=\"m\"}")]
    [InlineData("m{cluster=\"two\"} + n{replica!=\"b\"}", "{__name__=\"n\"}")]
    [InlineData("{cluster=\"one\"}", "{__name__!=\"\"}")]
    [InlineData("{cluster=\"two\"}", "")]
    [InlineData("1 + time()", "")]
    public void Exemplars_are_asked_for_without_the_labels_that_are_not_stored(string query, string asked)
    {
        Assert.Equal(asked, ExemplarQuery.For([Labels.Of("cluster", "one", "replica", "a")], isQuerier: false, ExemplarQuery.Selectors(query, PromQL.ParserOptions.Default)));
    }

    private static RuleGroup Group(params Rule[] rules) => new() { Name = "g", File = "f", Rules = { rules } };

    private static Rule Alert(string name, AlertState state, long evaluated, params string[] labels) =>
        new() { Alert = new Alert { Name = name, State = state, LastEvaluation = new Timestamp { Seconds = evaluated }, Labels = Set(labels) } };

    private static ActiveTarget Target(TargetHealth health, long scraped, string replica) => new()
    {
        ScrapeUrl = "http://x/metrics",
        Health = health,
        LastScrape = new Timestamp { Seconds = scraped },
        Labels = Set("job", "x", "replica", replica),
        DiscoveredLabels = Set("__address__", "x", "replica", replica),
    };

    private static MetricMetadataEntry Entry(string type, string help) => new() { Metas = { new Meta { Type = type, Help = help } } };

    private static ExemplarData Exemplars(string replica, params (long Time, double Value)[] exemplars) => new()
    {
        SeriesLabels = Set("__name__", "m", "replica", replica),
        Exemplars = { exemplars.Select(e => new Exemplar { Ts = e.Time, Value = e.Value, Labels = Set("trace_id", "t") }) },
    };

    private static TSDBStatistics Statistics(ulong series, long minTime, params (string Name, ulong Value)[] values)
    {
        Statistic[] list = [.. values.Select(v => new Statistic { Name = v.Name, Value = v.Value })];
        return new TSDBStatistics
        {
            Statistics =
            {
                [""] = new TSDBStatisticsEntry
                {
                    HeadStatistics = new HeadStatistics { NumSeries = series, MinTime = minTime }, SeriesCountByMetricName = { list }, LabelValueCountByLabelName = { list },
                },
            },
        };
    }

    private static ZLabelSet Set(params string[] labels)
    {
        var set = new ZLabelSet();
        for (var i = 0; i < labels.Length; i += 2) set.Labels.Add(new Label { Name = labels[i], Value = labels[i + 1] });
        return set;
    }
}
