namespace Aion.PromQL;

/// <summary>A rewriting of plans that changes how fast they run and never what they answer.</summary>
/// <param name="Name">For <see cref="QueryOptions.DisabledPasses"/>.</param>
/// <param name="Apply">A pure function of the plan and of <see cref="QueryOptions.RemovedLabels"/>.</param>
internal sealed record PlanPass(string Name, Func<PlanNode, IReadOnlySet<string>, PlanNode> Apply);

internal static class PlanPasses
{
    /// <summary>All passes, in the order in which they run.</summary>
    public static IReadOnlyList<PlanPass> All { get; } =
    [
        new PlanPass("fold-constants", static (plan, _) => ConstantFolding.Apply(plan)),
        new PlanPass("propagate-matchers", MatcherPropagation.Apply),
        new PlanPass("project-labels", static (plan, _) => LabelProjection.Apply(plan)),
        new PlanPass("merge-selects", static (plan, _) => SelectMerging.Apply(plan)),
    ];

    public static PlanNode Run(PlanNode plan, IReadOnlySet<string> disabled, IReadOnlySet<string> removedLabels)
    {
        foreach (PlanPass pass in All)
            if (!disabled.Contains(pass.Name)) plan = pass.Apply(plan, removedLabels);
        return plan;
    }

    /// <summary>Rewrites bottom-up; a node whose children stay is kept as it is.</summary>
    public static PlanNode BottomUp(PlanNode node, Func<PlanNode, PlanNode> rewrite)
    {
        IReadOnlyList<PlanNode> children = node.Children;
        PlanNode[]? changed = null;
        for (var i = 0; i < children.Count; i++)
        {
            PlanNode child = BottomUp(children[i], rewrite);
            if (ReferenceEquals(child, children[i])) continue;
            changed ??= [.. children];
            changed[i] = child;
        }

        return rewrite(changed is null ? node : node.With(changed));
    }
}

/// <summary>Computes what consists of numbers only.</summary>
internal static class ConstantFolding
{
    public static PlanNode Apply(PlanNode plan) => PlanPasses.BottomUp(plan, Fold);

    private static PlanNode Fold(PlanNode node) => node switch
    {
        NegateNode { Inner: NumberNode number } => new NumberNode(node.Position, -number.Value),
        BinaryNode { Left: NumberNode left, Right: NumberNode right } binary =>
            new NumberNode(node.Position, ElementwiseBinary.Scalar(binary.Operator)(left.Value, right.Value)),
        CallNode { Name: "pi" } => new NumberNode(node.Position, Math.PI),
        _ => node,
    };
}
