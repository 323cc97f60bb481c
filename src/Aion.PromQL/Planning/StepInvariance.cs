using System.Collections.Frozen;

namespace Aion.PromQL;

/// <summary>
/// Marks the largest subtrees that do not depend on the step. This is part of the meaning, not an optimisation that may be left out: inside a
/// marked subtree a range query behaves as an instant one (sorts are silent, messages count one evaluation).
/// </summary>
internal static class StepInvariance
{
    private static readonly FrozenSet<string> TimeDependent = FrozenSet.ToFrozenSet(
    [
        "time", "timestamp", "predict_linear", "minute", "hour", "month", "year", "day_of_month", "day_of_week", "day_of_year",
        "days_in_month", "start", "end", "range", "step",
    ], StringComparer.Ordinal);

    public static PlanNode Mark(PlanNode root)
    {
        (PlanNode node, bool invariant) = Visit(root);
        return invariant && Wraps(node) ? new StepInvariantNode(node) : node;
    }

    private static (PlanNode Node, bool Invariant) Visit(PlanNode node)
    {
        switch (node)
        {
            case NumberNode or StringNode:
                return (node, true);
            case SelectNode select:
                return (node, select.AtMs is not null);
            case RangeSelectNode range:
                return (node, range.Selector.AtMs is not null);
            case SubqueryNode subquery:
                (PlanNode inner, bool innerInvariant) = Visit(subquery.Inner);
                // The inside of a subquery is evaluated once if it can be, whether or not the subquery is pinned itself.
                if (innerInvariant && Wraps(inner)) inner = new StepInvariantNode(inner);
                return (subquery with { Inner = inner }, subquery.AtMs is not null);
            default:
                return VisitChildren(node);
        }
    }

    private static (PlanNode Node, bool Invariant) VisitChildren(PlanNode node)
    {
        IReadOnlyList<PlanNode> children = node.Children;
        var visited = new PlanNode[children.Count];
        var invariants = new bool[children.Count];
        var all = true;
        for (var i = 0; i < visited.Length; i++)
        {
            (visited[i], invariants[i]) = Visit(children[i]);
            all &= invariants[i];
        }

        if (IsInvariant(node, all)) return (node.With(visited), true);
        for (var i = 0; i < visited.Length; i++)
            if (invariants[i] && Wraps(visited[i])) visited[i] = new StepInvariantNode(visited[i]);
        return (node.With(visited), false);
    }

    private static bool IsInvariant(PlanNode node, bool childrenAre)
    {
        if (!childrenAre) return false;
        if (node is not CallNode call || !TimeDependent.Contains(call.Name)) return true;
        // The time of a sample does not depend on the step when the sample does not.
        return call.Name == "timestamp" && call.Arguments[0] is SelectNode;
    }

    /// <summary>Literals need no repeating, and range vectors are read by their function.</summary>
    private static bool Wraps(PlanNode node) => node is not (NumberNode or StringNode or RangeSelectNode or SubqueryNode);
}
