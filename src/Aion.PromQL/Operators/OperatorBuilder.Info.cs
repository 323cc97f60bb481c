namespace Aion.PromQL;

/// <summary>info().</summary>
internal sealed partial class OperatorBuilder
{
    private InfoOperator Info(CallNode call, StepGrid grid, Surroundings around)
    {
        (long? atMs, long offsetMs) = FirstSelectorTimes(call.Arguments[0], []) ?? (null, 0);
        var selection = new InfoSelection(call.Arguments.Count > 1 ? ((SelectNode)call.Arguments[1]).Matchers : null);
        return new InfoOperator(Vector(call.Arguments[0], grid, around), selection, matchers =>
        {
            var select = new SelectNode(call.Position, matchers) { AtMs = atMs, OffsetMs = offsetMs, Function = "info" };
            ReferenceTimes times = Times(select, grid);
            return new SelectOperator(context, grid, Source(select, grid, around, 0), times, SelectedValue.InfoTimestamp, Samples(around));
        });
    }

    /// <summary>
    /// <c>@</c> and offset of the first selector below, with the subqueries around it: their offsets add up until an <c>@</c> pins the time.
    /// </summary>
    private static (long? AtMs, long OffsetMs)? FirstSelectorTimes(PlanNode node, List<SubqueryNode> path)
    {
        if (node is SelectNode select)
        {
            long? at = select.AtMs;
            long offset = select.OffsetMs;
            for (int i = path.Count - 1; at is null && i >= 0; i--)
            {
                offset += path[i].OffsetMs;
                at = path[i].AtMs;
            }

            return (at, offset);
        }

        if (node is SubqueryNode subquery) path = [.. path, subquery];
        foreach (PlanNode child in node.Children)
            if (FirstSelectorTimes(child, path) is { } found) return found;
        return null;
    }
}
