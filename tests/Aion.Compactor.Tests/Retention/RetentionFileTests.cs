using Aion.Model;

namespace Aion.Compactor.Tests;

public sealed class RetentionFileTests
{
    [Fact]
    public void Rules_hold_labels_and_periods()
    {
        IReadOnlyList<RetentionRule> rules = RetentionFile.Parse(
            """
            - labels: {tenant: "gold|silver", env: prod}
              raw: 30d
              5m: 1y
            - labels: {tenant: ".*"}
              raw: 2d
            """);

        Assert.Equal(2, rules.Count);
        Assert.Equal(new RetentionPeriods(TimeSpan.FromDays(30), TimeSpan.FromDays(365), TimeSpan.Zero), rules[0].Periods);
        Assert.True(rules[0].Applies(Labels.Of("env", "prod", "tenant", "gold")));
        Assert.False(rules[0].Applies(Labels.Of("env", "prod", "tenant", "golden")));
        Assert.False(rules[0].Applies(Labels.Of("tenant", "gold")));
        Assert.True(rules[1].Applies(Labels.Of("tenant", "x")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("# nothing")]
    public void Nothing_is_no_rule(string yaml) => Assert.Empty(RetentionFile.Parse(yaml));

    [Theory]
    [InlineData("a: b", "line 1")]
    [InlineData("- raw: 30d", "labels")]
    [InlineData("- {labels: {a: b}, raw: thirty}", "raw")]
    [InlineData("- {labels: {a: b}, raws: 30d}", "raws")]
    [InlineData("- labels: {a: b}\n- {labels: {a: '('}}", "line 2")]
    [InlineData("- [", "line")]
    public void What_is_wrong_is_named(string yaml, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => RetentionFile.Parse(yaml)).Message, StringComparison.Ordinal);
}
