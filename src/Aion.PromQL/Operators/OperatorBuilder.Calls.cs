using Aion.Model;

namespace Aion.PromQL;

/// <summary>Function calls.</summary>
internal sealed partial class OperatorBuilder
{
    private static readonly RowMap Identity = static (_, _, _) => { };

    private VectorOperator Call(CallNode call, StepGrid grid, Surroundings around)
    {
        if (RangeFunctions.Find(call.Name) is { } rangeFunction) return RangeCall(call, rangeFunction, grid, around);
        if (MathFunctions.Find(call.Name) is { } math)
            return new MapOperator(Vector(call.Arguments[0], grid, around), Scalars(call.Arguments.Skip(1), grid, around), math, nameOnly: false);
        if (DateFunctions.Find(call.Name) is { } date)
        {
            VectorOperator times = call.Arguments.Count == 0
                ? new VectorOfScalarOperator(context, grid, new TimeOperator(grid))
                : Vector(call.Arguments[0], grid, around);
            return new MapOperator(times, [], date, nameOnly: false);
        }

        if (HistogramFunctions.Find(call.Name) is { } accessor)
            return new MapOperator(Vector(call.Arguments[0], grid, around), [], accessor, nameOnly: true);
        return call.Name switch
        {
            "vector" => new VectorOfScalarOperator(context, grid, Scalar(call.Arguments[0], grid, around)),
            "absent" => new AbsentOperator(Vector(call.Arguments[0], grid, around), AbsentLabels.Of(call.Arguments[0]), dropName: false),
            "timestamp" => Timestamp(call, grid, around),
            "start_timestamp" => StartTimestamp(call, grid, around),
            "sort" or "sort_desc" or "sort_by_label" or "sort_by_label_desc" => Sort(call, grid, around),
            "label_replace" => LabelFunctions.Replace(Vector(call.Arguments[0], grid, around), Strings(call, 1)),
            "label_join" => LabelFunctions.Join(Vector(call.Arguments[0], grid, around), Strings(call, 1)),
            "histogram_quantile" => new HistogramQuantileOperator(
                Vector(call.Arguments[1], grid, around), [Scalar(call.Arguments[0], grid, around)], [call.Arguments[0].Position], call.Arguments[1].Position,
                label: null),
            "histogram_quantiles" => new HistogramQuantileOperator(
                Vector(call.Arguments[0], grid, around), Scalars(call.Arguments.Skip(2), grid, around), [.. call.Arguments.Skip(2).Select(a => a.Position)],
                call.Arguments[0].Position, ((StringNode)call.Arguments[1]).Value),
            "histogram_fraction" => new HistogramFractionOperator(
                Vector(call.Arguments[2], grid, around), Scalar(call.Arguments[0], grid, around), Scalar(call.Arguments[1], grid, around),
                call.Arguments[2].Position),
            "info" => Info(call, grid, around),
            _ => throw Refused($"{call.Name}()"),
        };
    }

    private ScalarOperator[] Scalars(IEnumerable<PlanNode> nodes, StepGrid grid, Surroundings around) => [.. nodes.Select(n => Scalar(n, grid, around))];

    private static string[] Strings(CallNode call, int from) => [.. call.Arguments.Skip(from).Select(a => ((StringNode)a).Value)];

    private VectorOperator RangeCall(CallNode call, RangeFunction function, StepGrid grid, Surroundings around)
    {
        PlanNode argument = call.Arguments.First(a => a.Type == ValueType.Matrix);
        ScalarOperator[] scalars = Scalars(call.Arguments.Where(a => a.Type != ValueType.Matrix), grid, around);
        SeriesSource source = argument is SubqueryNode subquery
            ? Source(subquery, ReferenceTimes.Of(grid, subquery.AtMs, subquery.OffsetMs), around, keepHints: false)
            : Source((RangeSelectNode)argument, grid, around);
        SelectNode? selector = (argument as RangeSelectNode)?.Selector;
        if (selector is null && function is XRateFunction) throw PromQLException.Execution($"{call.Name}() is not supported over a subquery");
        CheckModifiers(selector, function, call.Name);
        ReferenceTimes times = selector is not null
            ? Times(selector, grid)
            : ReferenceTimes.Of(grid, ((SubqueryNode)argument).AtMs, ((SubqueryNode)argument).OffsetMs);
        long rangeMs = argument is RangeSelectNode range ? range.RangeMs : ((SubqueryNode)argument).RangeMs;
        var scope = new RangeCall
        {
            Annotations = context.Annotations,
            // A subquery has no position of its own once it is evaluated; upstream points at the start of the query then.
            RangePosition = argument is SubqueryNode ? default : argument.Position,
            FirstPosition = call.Arguments[0] is SubqueryNode ? default : call.Arguments[0].Position,
            Windows = new WindowSequence(times, rangeMs, grid),
            Anchored = selector?.Anchored ?? false,
            Smoothed = selector?.Smoothed ?? false,
            TypeAndUnitLabels = context.Options.TypeAndUnitLabels,
            MetadataUnseen = call.MetadataUnseen,
        };
        // What a subquery produced was counted as read when its inside read it.
        SampleCounting samples = Samples(selector is null ? around with { Read = false } : around);
        var result = new RangeOperator(context, grid, source, function, scope, scalars, samples);
        return call.Name == "absent_over_time"
            ? new AbsentOperator(result, AbsentLabels.Of(argument), dropName: true)
            : result;
    }

    private static void CheckModifiers(SelectNode? selector, RangeFunction function, string name)
    {
        if (selector is { Anchored: true } && !function.AllowsAnchored)
            throw PromQLException.Execution(
                $"anchored modifier can only be used with: changes, delta, increase, rate, resets - not with {name}");
        if (selector is { Smoothed: true } && !function.AllowsSmoothed)
            throw PromQLException.Execution($"smoothed modifier can only be used with: delta, increase, rate - not with {name}");
    }

    private MapOperator Timestamp(CallNode call, StepGrid grid, Surroundings around)
    {
        if (call.Arguments[0] is SelectNode { Smoothed: false } select)
            return new MapOperator(Select(select, grid, SelectedValue.Timestamp, around), [], Identity, nameOnly: false);
        return new MapOperator(Vector(call.Arguments[0], grid, around), [], EvaluationTime, nameOnly: false);

        static void EvaluationTime(Row row, StepGrid grid, double[][] scalars)
        {
            row.ForgetHistograms();
            for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) row.Values[i] = grid.At(i) / 1000.0;
        }
    }

    private VectorOperator StartTimestamp(CallNode call, StepGrid grid, Surroundings around)
    {
        if (!context.Options.UseStartTimestamps || call.Arguments[0] is not SelectNode select)
            return new EmptyOperator(context, grid);
        return new MapOperator(Select(select, grid, SelectedValue.StartTimestamp, around), [], Identity, nameOnly: false);
    }

    private SortOperator Sort(CallNode call, StepGrid grid, Surroundings around)
    {
        if (!grid.IsInstant) context.Annotations.Add(AnnotationKind.SortInRangeQuery, call.Position);
        bool descending = call.Name.EndsWith("_desc", StringComparison.Ordinal);
        VectorOperator input = Vector(call.Arguments[0], grid, around);
        return call.Name.StartsWith("sort_by_label", StringComparison.Ordinal)
            ? new SortOperator(input, new LabelOrder(Strings(call, 1), descending), floatsOnly: false)
            : new SortOperator(input, new ValueOrder(descending), floatsOnly: true);
    }
}

/// <summary>A vector without series.</summary>
internal sealed class EmptyOperator(QueryContext context, StepGrid grid) : VectorOperator(context, grid)
{
    public override ValueTask<List<Row>?> NextAsync() => new((List<Row>?)null);
}

/// <summary>The labels that <c>absent</c> can tell from its argument.</summary>
internal static class AbsentLabels
{
    public static Labels Of(PlanNode argument)
    {
        SelectNode? selector = argument as SelectNode ?? (argument as RangeSelectNode)?.Selector;
        if (selector is null) return Labels.Empty;
        var builder = new LabelsBuilder();
        foreach (var group in selector.Matchers.Where(m => m.Name != LabelNames.MetricName).GroupBy(m => m.Name, StringComparer.Ordinal))
        {
            LabelMatcher first = group.First();
            if (first.Type == Aion.Model.MatchType.Equal && group.Count() == 1) builder.Set(group.Key, first.Value);
        }

        return builder.ToLabels();
    }
}
