using Aion.PromQL;

namespace Aion.Rules.Tests;

public sealed class RuleFileParserTests
{
    [Fact]
    public void Scalars_stay_as_they_are_written()
    {
        // R8: the original turns these into true, 1.5 and 8.
        Rule rule = Parse("groups: [{name: g, rules: [{record: y, expr: x, labels: {a: on, b: 1.50, c: 010, d: null}}]}]").Groups[0].Rules[0];

        Assert.Equal("y", rule.Record);
        Assert.Equal(["a=on", "b=1.50", "c=010", "d="], rule.Labels.Select(l => $"{l.Key}={l.Value}"));
    }

    [Theory]
    [InlineData("groups:\n-\n", "2:2: a group must not be empty")]
    [InlineData("groups:\n- name: g\n  rules:\n  - record: r\n    expr: 'sum('\n", "5:11: group \"g\", rule 1, \"r\": could not parse expression: 1:5: parse error: unclosed left parenthesis")]
    [InlineData("groups: [{name: g}, {name: g}]", "groupname: \"g\" is repeated in the same file")]
    [InlineData("groups: [{name: g, rules: [{record: r, expr: x, nope: 1}]}]", "yaml: unmarshal errors:\n  line 1: field nope not found in type rulefmt.Rule")]
    public void An_error_says_where_it_is(string yaml, string error) => Assert.Equal(error, Parse(yaml).Errors.First().ToString());

    [Theory]
    [InlineData("namespace: x\ngroups: []\n", "1:1: field namespace is not known and ignored")]
    [InlineData("groups: []\n---\ngroups: []\n", "2:1: a second document is ignored")]
    [InlineData("groups:\n- name: a\n  name: b\n", "3:3: key \"name\" is given twice, the last one counts")]
    [InlineData("groups:\n- name: g\n  rules:\n  -\n", "4:4: group \"g\", rule 1: an empty rule is ignored")]
    public void What_is_ignored_is_told_and_no_error(string yaml, string warning)
    {
        RuleFile file = Parse(yaml);

        Assert.Empty(file.Errors);
        Assert.Equal(warning, Assert.Single(file.Problems).ToString());
    }

    [Fact]
    public void Aliases_do_not_multiply_and_deep_nesting_is_refused()
    {
        string bomb = "a0: &a0 [x, x]\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n"));
        Assert.Empty(Parse(bomb).Errors);

        Assert.Contains("deep", Assert.Single(Parse("groups: " + new string('[', 1000) + new string(']', 1000)).Errors).Message, StringComparison.Ordinal);
    }

    private static RuleFile Parse(string yaml) => RuleFileParser.Parse(yaml, ParserOptions.Default);
}
