namespace Aion.PromQL;

/// <summary>Makes a plan of a syntax tree: resolves durations, <c>@ start()</c> and the query's constants, and drops parentheses.</summary>
internal sealed class Planner(StepGrid grid, long endMs, long defaultSubqueryStepMs)
{
    private readonly DurationResolver _durations = new(grid, endMs);

    /// <exception cref="PromQLException">A duration makes no sense.</exception>
    public PlanNode Plan(Expr expression) => Plan(expression, new Surroundings("", [], false, false, false));

    private PlanNode Plan(Expr expression, in Surroundings around) => expression switch
    {
        NumberLiteral number => new NumberNode(number.Position, number.Value),
        StringLiteral text => new StringNode(text.Position, text.Value),
        ParenExpr paren => Plan(paren.Inner, around),
        UnaryExpr { Negative: true } unary => new NegateNode(unary.Position, Plan(unary.Operand, around)),
        UnaryExpr unary => Plan(unary.Operand, around),
        VectorSelector selector => Select(selector, selector.Position, around),
        MatrixSelector matrix => new RangeSelectNode(
            matrix.Position, Select(matrix.Selector, matrix.Position, around),
            matrix.RangeExpression is { } range ? _durations.Milliseconds(range, mayBeNegative: false) : matrix.RangeMs),
        SubqueryExpr subquery => Subquery(subquery, around),
        Call call => Call(call, around),
        AggregateExpr aggregate => Aggregate(aggregate, around),
        BinaryExpr binary => new BinaryNode(
            binary.Position, binary.Operator, Plan(binary.Left, around.In(binary.Operator.IsTrim())), Plan(binary.Right, around.In(binary.Operator.IsTrim())))
        {
            Matching = binary.Matching,
            ReturnBool = binary.ReturnBool,
        },
        _ => throw new PromQLException(QueryErrorKind.BadData, $"an expression of the kind {expression.GetType().Name} cannot be evaluated"),
    };

    private SelectNode Select(VectorSelector selector, PositionRange position, in Surroundings around) => new(position, selector.Matchers)
    {
        AtMs = At(selector.AtMs, selector.AtStartOrEnd),
        OffsetMs = selector.OffsetExpression is { } offset ? _durations.Milliseconds(offset, mayBeNegative: true) : selector.OffsetMs,
        Anchored = selector.Anchored,
        Smoothed = selector.Smoothed,
        Function = around.Function,
        Grouping = around.Grouping,
        By = around.By,
        HistogramStatistics = around.WantsStatistics && !around.WantsBuckets,
    };

    private SubqueryNode Subquery(SubqueryExpr subquery, in Surroundings around)
    {
        long offset = subquery.OffsetExpression is { } o ? _durations.Milliseconds(o, mayBeNegative: true) : subquery.OffsetMs;
        long step = subquery.StepExpression is { } s ? _durations.Milliseconds(s, mayBeNegative: false) : subquery.StepMs;
        long range = subquery.RangeExpression is { } r ? _durations.Milliseconds(r, mayBeNegative: false) : subquery.RangeMs;
        PlanNode inner = Plan(subquery.Expression, around.In(wantsBuckets: true));
        return new SubqueryNode(subquery.Position, inner, range, step == 0 ? defaultSubqueryStepMs : step)
        {
            AtMs = At(subquery.AtMs, subquery.AtStartOrEnd),
            OffsetMs = offset,
        };
    }

    private PlanNode Call(Call call, in Surroundings outer)
    {
        switch (call.Function.Name)
        {
            case "start": return new NumberNode(call.Position, grid.StartMs / 1000.0);
            case "end": return new NumberNode(call.Position, endMs / 1000.0);
            case "range": return new NumberNode(call.Position, (endMs - grid.StartMs) / 1000.0);
            case "step": return new NumberNode(call.Position, grid.StartMs == endMs ? 0 : grid.StepMs / 1000.0);
        }

        var around = new Surroundings(
            call.Function.Name, [], false,
            outer.WantsStatistics || call.Function.Name is "histogram_count" or "histogram_sum" or "histogram_avg",
            outer.WantsBuckets || call.Function.Name is "histogram_quantile" or "histogram_quantiles" or "histogram_fraction");
        var arguments = new PlanNode[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = Plan(call.Arguments[i], around);
        return new CallNode(call.Position, call.Function, arguments);
    }

    private AggregateNode Aggregate(AggregateExpr aggregate, in Surroundings around)
    {
        PlanNode inner = Plan(aggregate.Expression, around with { Function = aggregate.Operator.Text(), Grouping = aggregate.Grouping, By = !aggregate.Without });
        PlanNode? parameter = aggregate.Parameter is null ? null : Plan(aggregate.Parameter, around.In(false));
        return new AggregateNode(aggregate.Position, aggregate.Operator, inner, parameter, aggregate.Grouping, aggregate.Without);
    }

    private long? At(long? atMs, AtPreprocessor preprocessor) => preprocessor switch
    {
        AtPreprocessor.Start => grid.StartMs,
        AtPreprocessor.End => endMs,
        _ => atMs,
    };

    /// <summary>What stands around an expression. The last two hold for everything below, down to the selectors.</summary>
    private readonly record struct Surroundings(string Function, IReadOnlyList<string> Grouping, bool By, bool WantsStatistics, bool WantsBuckets)
    {
        /// <summary>Inside an operator that is no function.</summary>
        public Surroundings In(bool wantsBuckets) => new("", [], false, WantsStatistics, WantsBuckets || wantsBuckets);
    }
}
