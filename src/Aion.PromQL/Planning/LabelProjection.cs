using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Finds range functions of whose result only the labels of a grouping are read: they need not make label sets without the metric's name.
/// </summary>
internal static class LabelProjection
{
    public static PlanNode Apply(PlanNode plan) => PlanPasses.BottomUp(plan, static node =>
        node is AggregateNode { Without: false, Inner: CallNode { MetadataUnseen: false } call } aggregate && Groups(aggregate)
            && RangeFunctions.Find(call.Name) is { KeepsName: false } && call.Name != "absent_over_time"
            ? aggregate with { Inner = call with { MetadataUnseen = true } }
            : node);

    private static bool Groups(AggregateNode node) =>
        node.Operator is AggregateOperator.Sum or AggregateOperator.Avg or AggregateOperator.Min or AggregateOperator.Max or AggregateOperator.Count
            or AggregateOperator.Group or AggregateOperator.Stddev or AggregateOperator.Stdvar or AggregateOperator.Quantile
        && !node.Grouping.Any(static l => l is LabelNames.MetricName or "__type__" or "__unit__");
}
