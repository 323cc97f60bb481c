using Aion.Model;
using Aion.PromQL;

namespace Aion.Rules;

/// <summary>
/// Reads rule files: the one parser of the ruler and of <c>tools rules-check</c>. What Thanos's ruler would drop in silence (unknown keys
/// beside <c>groups</c>, a key given twice, a second document, an empty rule) is dropped with a problem that is no error. Scalars stay as
/// they are written.
/// </summary>
/// <remarks>reference/config-files.md §7.4; what is refused and how it is told: golden/rule/rule-files.jsonl.</remarks>
public sealed class RuleFileParser
{
    private readonly ParserOptions _options;
    private readonly List<RuleFileProblem> _problems = [];

    private RuleFileParser(ParserOptions options) => _options = options;

    /// <summary>Never throws for what stands in the text: it is told in the problems.</summary>
    public static RuleFile Parse(string text, ParserOptions options)
    {
        RuleFileParser parser = new(options);
        try
        {
            List<RuleGroup> groups = parser.File(text);
            return new RuleFile(groups, parser._problems);
        }
        catch (FormatException e)
        {
            parser._problems.Add(new RuleFileProblem(true, 0, 0, e.Message));
            return new RuleFile([], parser._problems);
        }
    }

    private List<RuleGroup> File(string text)
    {
        YamlItem? root = RuleYaml.Read(text, out int another);
        if (another > 0) Ignore(another, 1, "a second document is ignored");
        List<RuleGroup> groups = [];
        if (root is null || root.IsNull) return groups;
        foreach (var (key, value) in Fields(root, "rules.configGroups"))
        {
            if (key.Value != "groups") Ignore(key.Line, key.Column, $"field {key.Value} is not known and ignored");
            else if (!value.IsNull) groups.AddRange(Items(value, "[]rulefmt.RuleGroup").Select(Group));
        }

        CheckRepeated(groups);
        return groups;
    }

    private RuleGroup Group(YamlItem item)
    {
        // Upstream falls over an empty entry, at start and at a reload.
        if (item.IsNull) throw new FormatException($"{item.Line}:{item.Column}: a group must not be empty");
        RuleGroup group = new() { Name = "" };
        YamlItem place = item;
        List<YamlItem> rules = [];
        foreach (var (key, value) in Fields(item, "rulefmt.RuleGroup"))
        {
            switch (key.Value)
            {
                case "name":
                    group = group with { Name = Text(value) };
                    place = value;
                    break;
                case "interval":
                    group = group with { Interval = Duration(value) };
                    break;
                case "query_offset":
                    group = group with { QueryOffset = Duration(value) };
                    break;
                case "limit":
                    group = group with { Limit = Integer(value) };
                    break;
                case "labels":
                    group = group with { Labels = Map(value) };
                    CheckGroupLabels(group.Labels, key);
                    break;
                case "partial_response_strategy":
                    group = group with { Strategy = Strategy(value) };
                    break;
                case "rules":
                    if (!value.IsNull) rules.AddRange(Items(value, "[]rulefmt.Rule"));
                    break;
                default:
                    throw Unknown(key, "rulefmt.RuleGroup");
            }
        }

        if (group.Name.Length == 0) Fail(place.Line, place.Column, "Groupname must not be empty");
        return group with { Rules = Rules(group.Name, rules) };
    }

    private List<Rule> Rules(string group, List<YamlItem> items)
    {
        List<Rule> rules = [];
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i].IsNull)
            {
                Ignore(items[i].Line, items[i].Column, $"group {GoText.Quote(group)}, rule {i + 1}: an empty rule is ignored");
                continue;
            }

            RulePlaces places = new(items[i]);
            Rule rule = Rule(items[i], places);
            rules.Add(new RuleChecker(group, i + 1, places, _options, _problems).Check(rule));
        }

        return rules;
    }

    private Rule Rule(YamlItem item, RulePlaces places)
    {
        Rule rule = new();
        foreach (var (key, value) in Fields(item, "rulefmt.Rule"))
        {
            places.Add(key.Value, value);
            rule = key.Value switch
            {
                "record" => rule with { Record = Text(value) },
                "alert" => rule with { Alert = Text(value) },
                "expr" => rule with { Expression = Text(value) },
                "for" => rule with { For = Duration(value) ?? TimeSpan.Zero },
                "keep_firing_for" => rule with { KeepFiringFor = Duration(value) ?? TimeSpan.Zero },
                "labels" => rule with { Labels = Map(value) },
                "annotations" => rule with { Annotations = Map(value) },
                _ => throw Unknown(key, "rulefmt.Rule"),
            };
        }

        return rule;
    }

    private void CheckGroupLabels(IReadOnlyList<KeyValuePair<string, string>> labels, YamlText key)
    {
        foreach (var (name, _) in labels)
            if (!RuleChecker.IsLabelName(name)) Fail(key.Line, key.Column, $"invalid label name: {name}");
    }

    private void CheckRepeated(List<RuleGroup> groups)
    {
        foreach (var same in groups.GroupBy(g => (g.Name, g.Strategy)).Where(s => s.Count() > 1))
            Fail(0, 0, $"groupname: {GoText.Quote(same.Key.Name)} is repeated in the same file");
    }

    private IEnumerable<(YamlText Key, YamlItem Value)> Fields(YamlItem item, string type)
    {
        if (item is not YamlMap map) throw Mistyped(item, type);
        foreach (YamlText key in map.Repeated) Ignore(key.Line, key.Column, $"key {GoText.Quote(key.Value)} is given twice, the last one counts");
        return map.Fields;
    }

    private static IReadOnlyList<YamlItem> Items(YamlItem item, string type) => item is YamlList list ? list.Items : throw Mistyped(item, type);

    private static string Text(YamlItem item) => item switch
    {
        { IsNull: true } => "",
        YamlText text => text.Value,
        _ => throw Mistyped(item, "string"),
    };

    private IReadOnlyList<KeyValuePair<string, string>> Map(YamlItem item) =>
        item.IsNull ? [] : [.. Fields(item, "map[string]string").Select(f => KeyValuePair.Create(f.Key.Value, Text(f.Value)))];

    private static TimeSpan? Duration(YamlItem item)
    {
        if (item.IsNull) return null;
        string text = Text(item);
        return PrometheusDuration.TryParse(text, out TimeSpan value, out string? error) ? value : throw new FormatException($"{item.Line}:{item.Column}: {error}");
    }

    private static long Integer(YamlItem item)
    {
        if (item.IsNull) return 0;
        if (item is not YamlText { IsPlain: true } text || !TemplateNumber.TryParse(text.Value, out object number)) throw Mistyped(item, "int");
        return number switch
        {
            long whole => whole,
            double value when Math.Abs(value) < long.MaxValue => (long)value,
            _ => throw Mistyped(item, "int"),
        };
    }

    private static PartialResponseStrategy Strategy(YamlItem item) => Text(item).ToUpperInvariant() switch
    {
        "" or "ABORT" => PartialResponseStrategy.Abort,
        "WARN" => PartialResponseStrategy.Warn,
        _ => throw new FormatException(
            $"{item.Line}:{item.Column}: failed to unmarshal {GoText.Quote(Text(item))} as 'partial_response_strategy'. Possible values are ABORT,WARN"),
    };

    private static FormatException Unknown(YamlText key, string type) =>
        new($"yaml: unmarshal errors:\n  line {key.Line}: field {key.Value} not found in type {type}");

    private static FormatException Mistyped(YamlItem item, string type) =>
        new($"yaml: unmarshal errors:\n  line {item.Line}: cannot unmarshal {item.Described} into {type}");

    private void Fail(int line, int column, string message) => _problems.Add(new RuleFileProblem(true, line, column, message));

    private void Ignore(int line, int column, string message) => _problems.Add(new RuleFileProblem(false, line, column, message));
}

/// <summary>Where the fields of a rule stand in its file.</summary>
internal sealed class RulePlaces(YamlItem rule)
{
    private readonly Dictionary<string, YamlItem> _fields = [];

    public void Add(string field, YamlItem value) => _fields[field] = value;

    /// <summary>The field's place, or the rule's own where it has no such field.</summary>
    public YamlItem Of(string field) => _fields.GetValueOrDefault(field, rule);
}
