using Aion.Model;
using Aion.Protocol.Wire;
using Aion.Protocol.Wire.RulesApi;
using Google.Protobuf.WellKnownTypes;
using LabelMatcher = Aion.Model.LabelMatcher;

namespace Aion.Query;

/// <summary>Which rules a request wants; empty lists want all.</summary>
/// <param name="Matchers">All of them must hold for the rule's labels, whatever selector they came in.</param>
internal sealed record RuleFilter(
    IReadOnlyCollection<string> Names, IReadOnlyCollection<string> Groups, IReadOnlyCollection<string> Files, IReadOnlyList<LabelMatcher> Matchers)
{
    public bool IsEmpty => Names.Count == 0 && Groups.Count == 0 && Files.Count == 0 && Matchers.Count == 0;

    public bool Wants(RuleGroup group) =>
        (Groups.Count == 0 || Groups.Contains(group.Name)) && (Files.Count == 0 || Files.Contains(group.File));

    public bool Wants(MergedRule rule) =>
        (Names.Count == 0 || Names.Contains(rule.Name)) && Matchers.All(m => IsTemplate(rule.Labels, m) || m.Matches(rule.Labels));

    // What a template comes to is not known here.
    private static bool IsTemplate(Labels labels, LabelMatcher matcher) =>
        labels.GetValueOrNull(matcher.Name) is { } value && value.Contains("{{", StringComparison.Ordinal);
}

/// <summary>A rule, its labels without those that tell replicas apart.</summary>
internal sealed record MergedRule(Rule Rule, Labels Labels)
{
    public bool IsAlert => Rule.ResultCase == Rule.ResultOneofCase.Alert;

    public string Name => IsAlert ? Rule.Alert.Name : Rule.Recording.Name;

    public string Query => IsAlert ? Rule.Alert.Query : Rule.Recording.Query;

    public double Duration => IsAlert ? Rule.Alert.DurationSeconds : 0;

    public AlertState State => IsAlert ? Rule.Alert.State : AlertState.Unknown;

    public Timestamp? LastEvaluation => IsAlert ? Rule.Alert.LastEvaluation : Rule.Recording.LastEvaluation;
}

/// <summary>A group of rules, each of them once.</summary>
internal sealed record MergedGroup(RuleGroup Group, IReadOnlyList<MergedRule> Rules);

/// <summary>Makes one list of the rules that replicas and servers report. Pure.</summary>
internal static class RuleMerge
{
    public static IReadOnlyList<MergedGroup> Merge(IEnumerable<RuleGroup> groups, RuleFilter filter, IReadOnlyCollection<string> replicaLabels)
    {
        List<MergedGroup> merged = [];
        IEnumerable<IGrouping<(string File, string Name), RuleGroup>> same = groups.Where(filter.Wants)
            .GroupBy(g => (g.File, g.Name)).OrderBy(g => g.Key.File, StringComparer.Ordinal).ThenBy(g => g.Key.Name, StringComparer.Ordinal);
        foreach (IGrouping<(string File, string Name), RuleGroup> group in same)
        {
            List<MergedRule> rules = Deduplicated([.. group.SelectMany(g => g.Rules).Where(IsRule).Select(r => Of(r, replicaLabels)).Where(filter.Wants)]);
            if (rules.Count > 0 || filter.IsEmpty) merged.Add(new MergedGroup(group.First(), rules));
        }

        return merged;
    }

    private static bool IsRule(Rule rule) => rule.ResultCase != Rule.ResultOneofCase.None;

    private static MergedRule Of(Rule rule, IReadOnlyCollection<string> replicaLabels)
    {
        ZLabelSet labels = rule.ResultCase == Rule.ResultOneofCase.Alert ? rule.Alert.Labels : rule.Recording.Labels;
        return new MergedRule(rule, WireLabels.Of(labels, replicaLabels));
    }

    /// <summary>Of equal rules the one in the most critical state stays, of these the youngest.</summary>
    private static List<MergedRule> Deduplicated(List<MergedRule> rules)
    {
        rules.Sort(static (a, b) => Compare(a, b) is var order and not 0 ? order : Survival(a, b));
        List<MergedRule> kept = [];
        foreach (MergedRule rule in rules)
            if (kept.Count == 0 || Compare(kept[^1], rule) != 0) kept.Add(rule);
        return kept;
    }

    private static int Compare(MergedRule a, MergedRule b)
    {
        if (a.IsAlert != b.IsAlert) return a.IsAlert ? -1 : 1;
        int order = Utf8Text.CompareByBytes(a.Name, b.Name);
        if (order == 0) order = a.Labels.CompareTo(b.Labels);
        if (order == 0) order = Utf8Text.CompareByBytes(a.Query, b.Query);
        return order == 0 ? a.Duration.CompareTo(b.Duration) : order;
    }

    private static int Survival(MergedRule a, MergedRule b)
    {
        int order = b.State.CompareTo(a.State);
        return order != 0 ? order : (b.LastEvaluation ?? new Timestamp()).CompareTo(a.LastEvaluation ?? new Timestamp());
    }
}
