using Aion.Model;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Compactor;

/// <summary>
/// Reads retention rules from YAML: a list of <c>{labels: {name: regex, …}, raw: 30d, 5m: 90d, 1h: 1y}</c>. The first rule whose expressions
/// all match a block's external labels, as a whole, counts; a period that is left out or 0d is for ever.
/// </summary>
public static class RetentionFile
{
    /// <exception cref="FormatException">Names the line and the field that is wrong.</exception>
    public static IReadOnlyList<RetentionRule> Parse(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new FormatException($"parsing retention policy: line {e.Start.Line}: {e.Message}", e);
        }

        if (stream.Documents.Count == 0) return [];
        return stream.Documents[0].RootNode switch
        {
            YamlSequenceNode rules => [.. rules.Select((node, i) => RuleOf(node, i + 1))],
            YamlScalarNode { Value: null or "" or "null" or "~" } => [],
            var other => throw Wrong(other, "the document must be a list of rules"),
        };
    }

    private static RetentionRule RuleOf(YamlNode node, int number)
    {
        if (node is not YamlMappingNode fields) throw Wrong(node, "a rule must be a mapping");
        LabelMatcher[] matchers = [];
        var periods = new RetentionPeriods();
        foreach ((YamlNode key, YamlNode value) in fields)
        {
            string name = (key as YamlScalarNode)?.Value ?? "";
            switch (name)
            {
                case "labels":
                    matchers = MatchersOf(value);
                    break;
                case "raw":
                    periods = periods with { Raw = PeriodOf(value, name) };
                    break;
                case "5m":
                    periods = periods with { FiveMinutes = PeriodOf(value, name) };
                    break;
                case "1h":
                    periods = periods with { OneHour = PeriodOf(value, name) };
                    break;
                default:
                    throw Wrong(key, $"field {key} is not known");
            }
        }

        if (matchers.Length == 0) throw Wrong(node, "a rule needs labels; what holds for all other blocks goes into the flags");
        return new RetentionRule($"{number} ({string.Join(", ", matchers.AsEnumerable())})", matchers, periods);
    }

    private static LabelMatcher[] MatchersOf(YamlNode node)
    {
        if (node is not YamlMappingNode labels) throw Wrong(node, "field labels must be a mapping from label names to regular expressions");
        return [.. labels.Select(l => MatcherOf(l.Key, l.Value))];
    }

    private static LabelMatcher MatcherOf(YamlNode name, YamlNode value)
    {
        try
        {
            return new LabelMatcher(Model.MatchType.Regex, Text(name, "labels"), Text(value, "labels"));
        }
        catch (FormatException e)
        {
            throw Wrong(value, e.Message);
        }
    }

    private static TimeSpan PeriodOf(YamlNode node, string field) =>
        PrometheusDuration.TryParse(Text(node, field), out TimeSpan period, out string? error) ? period : throw Wrong(node, $"field {field}: {error}");

    private static string Text(YamlNode node, string field) =>
        node is YamlScalarNode { Value: { } text } ? text : throw Wrong(node, $"field {field} must be a text");

    private static FormatException Wrong(YamlNode node, string what) => new($"parsing retention policy: line {node.Start.Line}: {what}");
}
