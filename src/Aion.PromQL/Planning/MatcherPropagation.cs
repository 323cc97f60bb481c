using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Takes over to one side of a binary operator what the selectors of the other side say about labels that must be equal: of
/// <c>a{x="1"} / b</c> only <c>b{x="1"}</c> can find a partner. Series are left out only where nobody can tell: an operator that fails on two
/// series of one match group fails as before, and selectors below functions and aggregations stay, since those remark on what they see.
/// Samples that are not read any more no longer count in the query's statistics, and stores that the matchers exclude are not asked, so that
/// they neither warn nor fail the query.
/// </summary>
internal static class MatcherPropagation
{
    /// <param name="removed">Labels that selected series do not have, whatever the matchers on them say.</param>
    public static PlanNode Apply(PlanNode plan, IReadOnlySet<string> removed)
    {
        HashSet<SelectNode>? repeated = null;
        return PlanPasses.BottomUp(plan, node => node is BinaryNode { Matching: { FillLeft: null, FillRight: null } matching } binary
            && node.Type == ValueType.Vector
            ? Rewrite(binary, matching, removed, repeated ??= SelectMerging.Repeated(plan))
            : node);
    }

    private static BinaryNode Rewrite(BinaryNode node, VectorMatching matching, IReadOnlySet<string> removed, HashSet<SelectNode> repeated)
    {
        (bool intoLeft, bool intoRight) = node.Operator switch
        {
            BinaryOperator.And => (true, true),
            // What is left of the operator comes through where the right side has no partner for it.
            BinaryOperator.Unless => (false, true),
            BinaryOperator.Or => (false, false),
            _ => IsUnique(matching.Cardinality == VectorMatchCardinality.OneToMany ? node.Left : node.Right, matching) ? (true, true) : (false, false),
        };
        PlanNode left = intoLeft ? Narrowed(node.Left, node.Right, matching, removed, repeated) : node.Left;
        PlanNode right = intoRight ? Narrowed(node.Right, node.Left, matching, removed, repeated) : node.Right;
        return ReferenceEquals(left, node.Left) && ReferenceEquals(right, node.Right) ? node : node with { Left = left, Right = right };
    }

    private static PlanNode Narrowed(
        PlanNode target, PlanNode other, VectorMatching matching, IReadOnlySet<string> removed, HashSet<SelectNode> repeated)
    {
        // A selector that is fetched for another reader too would have to be fetched twice.
        if (target is not SelectNode { Anchored: false, Smoothed: false } select || repeated.Contains(select)) return target;
        LabelMatcher[] more =
        [
            .. Guarantees(other).Where(m => !removed.Contains(m.Name) && Joins(matching, m.Name) && !m.MatchesEmpty && !select.Matchers.Contains(m)).Distinct(),
        ];
        return more.Length == 0 ? target : select with { Matchers = [.. select.Matchers, .. more] };
    }

    /// <summary>Both sides of a pair have the same value of the label.</summary>
    private static bool Joins(VectorMatching matching, string label) =>
        !label.StartsWith("__", StringComparison.Ordinal) && matching.On == matching.Labels.Contains(label);

    /// <summary>No two series of the node can be in one match group, so that the operator has nothing to complain about.</summary>
    private static bool IsUnique(PlanNode node, VectorMatching matching) => node switch
    {
        NegateNode negate => IsUnique(negate.Inner, matching),
        // Label sets are unique. Those with one name differ in another label, which must be one that is compared.
        SelectNode select => !matching.On && HasOneValue(select, LabelNames.MetricName) && matching.Labels.All(l => HasOneValue(select, l)),
        AggregateNode { Without: false } aggregate when IsGrouping(aggregate.Operator) =>
            aggregate.Grouping.All(l => l != LabelNames.MetricName && matching.On == matching.Labels.Contains(l)),
        _ => false,
    };

    private static bool HasOneValue(SelectNode select, string label) => select.Matchers.Any(m => m.Type == Aion.Model.MatchType.Equal && m.Name == label);

    private static bool IsGrouping(AggregateOperator op) => op is not (
        AggregateOperator.TopK or AggregateOperator.BottomK or AggregateOperator.LimitK or AggregateOperator.LimitRatio or AggregateOperator.CountValues);

    /// <summary>What holds for the labels of every series of the node; the metric name is left out.</summary>
    private static IEnumerable<LabelMatcher> Guarantees(PlanNode node) => node switch
    {
        SelectNode select => select.Matchers.Where(m => !m.Name.StartsWith("__", StringComparison.Ordinal)),
        RangeSelectNode range => Guarantees(range.Selector),
        SubqueryNode subquery => Guarantees(subquery.Inner),
        NegateNode negate => Guarantees(negate.Inner),
        CallNode call => Guarantees(call),
        AggregateNode aggregate => Guarantees(aggregate),
        BinaryNode binary => Guarantees(binary),
        _ => [],
    };

    private static IEnumerable<LabelMatcher> Guarantees(CallNode call)
    {
        if (RangeFunctions.Find(call.Name) is not null)
            return call.Name == "absent_over_time" ? [] : Guarantees(call.Arguments.First(a => a.Type == ValueType.Matrix));
        bool keepsLabels = call.Arguments.Count > 0 && (MathFunctions.Find(call.Name) is not null || DateFunctions.Find(call.Name) is not null
            || call.Name is "timestamp" or "sort" or "sort_desc");
        return keepsLabels ? Guarantees(call.Arguments[0]) : [];
    }

    private static IEnumerable<LabelMatcher> Guarantees(AggregateNode node)
    {
        IEnumerable<LabelMatcher> inner = Guarantees(node.Inner);
        if (node.Operator == AggregateOperator.CountValues) return [];
        return IsGrouping(node.Operator) ? inner.Where(m => node.Grouping.Contains(m.Name) != node.Without) : inner;
    }

    private static IEnumerable<LabelMatcher> Guarantees(BinaryNode node)
    {
        if (node.Left.Type == ValueType.Scalar) return Guarantees(node.Right);
        if (node.Right.Type == ValueType.Scalar) return Guarantees(node.Left);
        VectorMatching matching = node.Matching ?? new VectorMatching();
        if (matching.FillLeft is not null || matching.FillRight is not null || node.Operator == BinaryOperator.Or) return [];
        IEnumerable<LabelMatcher> left = Guarantees(node.Left), right = Guarantees(node.Right);
        if (node.Operator == BinaryOperator.Unless) return left;
        IEnumerable<LabelMatcher> joined = left.Concat(right).Where(m => Joins(matching, m.Name));
        return matching.Cardinality switch
        {
            VectorMatchCardinality.ManyToOne => left.Where(m => !matching.Include.Contains(m.Name)).Concat(joined),
            VectorMatchCardinality.OneToMany => right.Where(m => !matching.Include.Contains(m.Name)).Concat(joined),
            VectorMatchCardinality.ManyToMany => left.Concat(joined),
            _ => joined,
        };
    }
}
