using System.Globalization;

namespace Aion.PromQL;

/// <summary>Finds selectors that ask the same of a store, so that one select serves them all.</summary>
internal static class SelectMerging
{
    public static PlanNode Apply(PlanNode plan)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        Visit(plan, "", 0, (select, key) =>
        {
            counts[key] = counts.GetValueOrDefault(key) + 1;
            return select;
        });
        if (!counts.Values.Any(count => count > 1)) return plan;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        return Visit(plan, "", 0, (select, key) =>
        {
            if (counts[key] < 2) return select;
            if (!numbers.TryGetValue(key, out int number)) numbers.Add(key, number = numbers.Count + 1);
            return select with { SharedSelect = number };
        });
    }

    /// <summary>The selectors of which another one asks the same.</summary>
    public static HashSet<SelectNode> Repeated(PlanNode plan)
    {
        var first = new Dictionary<string, SelectNode>(StringComparer.Ordinal);
        var repeated = new HashSet<SelectNode>(ReferenceEqualityComparer.Instance);
        Visit(plan, "", 0, (select, key) =>
        {
            if (first.TryAdd(key, select)) return select;
            repeated.Add(select);
            repeated.Add(first[key]);
            return select;
        });
        return repeated;
    }

    /// <summary>Rewrites every selector; the key says what it asks, and the subqueries around it, which move its times.</summary>
    private static PlanNode Visit(PlanNode node, string around, long rangeMs, Func<SelectNode, string, SelectNode> rewrite)
    {
        switch (node)
        {
            case SelectNode select:
                return rewrite(select, Key(select, around, rangeMs));
            case CallNode { Name: "info" } info when info.Arguments.Count > 1:
                // The second argument is a list of matchers and is not selected.
                return info with { Arguments = [Visit(info.Arguments[0], around, 0, rewrite), info.Arguments[1]] };
            case RangeSelectNode range:
                return range with { Selector = (SelectNode)Visit(range.Selector, around, range.RangeMs, rewrite) };
            case SubqueryNode subquery:
                string inside = string.Create(
                    CultureInfo.InvariantCulture, $"{around}[{subquery.RangeMs}:{subquery.StepMs}]@{subquery.AtMs} offset {subquery.OffsetMs}");
                return subquery with { Inner = Visit(subquery.Inner, inside, 0, rewrite) };
            default:
                return node.Children.Count == 0 ? node : node.With([.. node.Children.Select(c => Visit(c, around, 0, rewrite))]);
        }
    }

    private static string Key(SelectNode select, string around, long rangeMs) => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join(',', select.Matchers.Select(m => m.ToString()).Order(StringComparer.Ordinal))}|{rangeMs}|{select.AtMs}|{select.OffsetMs}|{select.Anchored}|{select.Smoothed}|{select.Function}|{string.Join(',', select.Grouping)}|{select.By}|{select.HistogramStatistics}|{around}");
}
