using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>Makes the operators of a plan, for one query.</summary>
internal sealed partial class OperatorBuilder(QueryContext context)
{
    /// <summary>Longest inner grid of a subquery; a row of it takes 0.8 GB.</summary>
    private const ulong MaxSubquerySteps = 100_000_000;

    private readonly Dictionary<(int Number, long MinTimeMs, long MaxTimeMs), SharedSelect> _shared = [];

    /// <summary>The node whose operator is being made, when the query is analyzed; what is read for it counts there.</summary>
    private PlanNode? _measured;

    /// <summary>What holds for the selectors of a part of the plan.</summary>
    /// <param name="Total">They count into the samples of windows.</param>
    /// <param name="Read">They count into the samples read.</param>
    /// <param name="Repeat">They are evaluated once for that many steps.</param>
    /// <param name="StartMs">The earliest time that is evaluated; inside a subquery not aligned to its step, as stores of upstream are asked.</param>
    /// <param name="EndMs">The latest time asked for, which may lie after the last step.</param>
    private readonly record struct Surroundings(bool Total, bool Read, int Repeat, long StartMs, long EndMs);

    private Surroundings Outermost => new(true, true, 1, context.Grid.StartMs, context.EndMs);

    public VectorOperator Vector(PlanNode node, StepGrid grid) => Vector(node, grid, Outermost);

    public ScalarOperator Scalar(PlanNode node, StepGrid grid) => Scalar(node, grid, Outermost);

    /// <summary>The series of a range selector or subquery that is the whole of an instant query, and which of their samples.</summary>
    public SeriesSource Matrix(PlanNode node, StepGrid grid, out RawWindow window)
    {
        if (node is SubqueryNode subquery)
        {
            ReferenceTimes outer = ReferenceTimes.Of(grid, subquery.AtMs, subquery.OffsetMs);
            window = new RawWindow(long.MinValue, long.MaxValue, CountsAsRead: false, Trim: null);
            return Source(subquery, outer, Outermost, keepHints: true);
        }

        var range = (RangeSelectNode)node;
        SelectNode selector = range.Selector;
        ReferenceTimes times = Times(selector, grid);
        long start = times.StartMs - range.RangeMs, end = times.StartMs;
        EdgeTrim? trim = selector.Anchored || selector.Smoothed ? new EdgeTrim(start, end, selector.Smoothed) : null;
        window = new RawWindow(
            start + 1 - (trim is null ? 0 : context.Options.LookbackDeltaMs), end + (selector.Smoothed ? context.Options.LookbackDeltaMs : 0),
            CountsAsRead: true, trim);
        return Source(range, grid, Outermost);
    }

    private VectorOperator Vector(PlanNode node, StepGrid grid, Surroundings around)
    {
        if (context.Profile is not { } profile) return MakeVector(node, grid, around);
        PlanNode? outer = _measured;
        _measured = node;
        VectorOperator made = MakeVector(node, grid, around);
        _measured = outer;
        return new MeasuredOperator(made, profile.Of(node));
    }

    private VectorOperator MakeVector(PlanNode node, StepGrid grid, Surroundings around)
    {
        switch (node)
        {
            case StepInvariantNode invariant:
                if (grid.Count == 1) return Vector(invariant.Inner, StepGrid.Instant(grid.StartMs), around);
                return new RepeatOperator(
                    grid, Vector(invariant.Inner, StepGrid.Instant(grid.StartMs), around with { Repeat = around.Repeat * grid.Count }));
            case SelectNode { Smoothed: true } select:
                return new SmoothedSelectOperator(
                    context, grid, Source(select, grid, around, context.Options.LookbackDeltaMs), Times(select, grid), select.Position,
                    Samples(around));
            case SelectNode select:
                return Select(select, grid, SelectedValue.Sample, around);
            case NegateNode negate:
                return new NegateOperator(Vector(negate.Inner, grid, around));
            case AggregateNode aggregate:
                return Aggregate(aggregate, grid, around);
            case BinaryNode binary:
                return Binary(binary, grid, around);
            case CallNode call:
                return Call(call, grid, around);
            default:
                throw Refused(node.GetType().Name);
        }
    }

    private ScalarOperator Scalar(PlanNode node, StepGrid grid, Surroundings around)
    {
        ScalarOperator made = MakeScalar(node, grid, around);
        made.Budget = context.Options.Budget;
        return context.Profile is { } profile ? new MeasuredScalar(made, profile.Of(node), context.Samples) : made;
    }

    private ScalarOperator MakeScalar(PlanNode node, StepGrid grid, Surroundings around) => node switch
    {
        NumberNode number => new ConstantOperator(grid, number.Value),
        StepInvariantNode { Inner: var inner } => grid.Count == 1
            ? Scalar(inner, StepGrid.Instant(grid.StartMs), around)
            : new RepeatedScalarOperator(
                grid, Scalar(inner, StepGrid.Instant(grid.StartMs), around with { Repeat = around.Repeat * grid.Count })),
        NegateNode negate => new ScalarNegateOperator(grid, Scalar(negate.Inner, grid, around)),
        BinaryNode binary => new ScalarBinaryOperator(
            grid, Scalar(binary.Left, grid, around), Scalar(binary.Right, grid, around), ElementwiseBinary.Scalar(binary.Operator)),
        CallNode { Name: "time" } => new TimeOperator(grid),
        CallNode { Name: "pi" } => new ConstantOperator(grid, Math.PI),
        CallNode { Name: "scalar" } call => new ScalarOfVectorOperator(Vector(call.Arguments[0], grid, around)),
        CallNode { Name: "max_of" } call => new ScalarBinaryOperator(
            grid, Scalar(call.Arguments[0], grid, around), Scalar(call.Arguments[1], grid, around), MathFunctions.GoMax),
        CallNode { Name: "min_of" } call => new ScalarBinaryOperator(
            grid, Scalar(call.Arguments[0], grid, around), Scalar(call.Arguments[1], grid, around), MathFunctions.GoMin),
        CallNode call => throw Refused($"{call.Name}()"),
        _ => throw Refused(node.GetType().Name),
    };

    private static ReferenceTimes Times(SelectNode select, StepGrid grid) => ReferenceTimes.Of(grid, select.AtMs, select.OffsetMs);

    private SampleCounting Samples(Surroundings around) => new(
        context.Counters, around.Total, around.Read, around.Repeat, context.Options.PerStepStatistics && around.Total,
        _measured is null ? null : context.Profile!.Of(_measured));

    private SelectOperator Select(SelectNode select, StepGrid grid, SelectedValue value, Surroundings around)
    {
        ReferenceTimes times = Times(select, grid);
        SeriesSource source = Source(select, grid, around, 0);
        // timestamp(x @ t offset o) looks at t and not at t - o, though it asks the store for the time around t - o: so it does upstream.
        ReferenceTimes looked = value != SelectedValue.Sample && select.AtMs is not null ? ReferenceTimes.Of(grid, select.AtMs, 0) : times;
        return new SelectOperator(context, grid, source, looked, value, Samples(around));
    }

    private SeriesSource Source(SelectNode select, StepGrid grid, Surroundings around, long afterMs) =>
        Store(select, around, context.Options.LookbackDeltaMs, afterMs, 0, grid);

    private SeriesSource Source(RangeSelectNode range, StepGrid grid, Surroundings around)
    {
        bool widened = range.Selector.Anchored || range.Selector.Smoothed;
        long before = range.RangeMs + (widened ? context.Options.LookbackDeltaMs : 0);
        if (RangeFunctions.Find(range.Selector.Function) is XRateFunction) before += XRateFunction.LookbackMs;
        return Store(range.Selector, around, before, range.Selector.Smoothed ? context.Options.LookbackDeltaMs : 0, range.RangeMs, grid);
    }

    /// <summary>Asks for the times that Prometheus asks for, since what a store answers (the pick of a replica, say) may depend on them.</summary>
    private SeriesSource Store(SelectNode select, Surroundings around, long beforeMs, long afterMs, long rangeMs, StepGrid grid)
    {
        var hints = new SelectHints
        {
            Matchers = select.Matchers,
            MinTimeMs = (select.AtMs ?? around.StartMs) - select.OffsetMs - beforeMs + 1,
            MaxTimeMs = (select.AtMs ?? around.EndMs) - select.OffsetMs + afterMs,
            Warnings = context.StoreWarnings,
            Budget = context.Options.Budget,
            IsReadOnce = select.SharedSelect == 0,
            Query = new QueryHints
            {
                Function = select.Function,
                Grouping = select.Grouping,
                By = select.By,
                RangeMs = rangeMs,
                StepMs = grid.StepMs,
            },
        };
        NodeMeasure? measure = _measured is null ? null : context.Profile!.Of(_measured);
        if (select.SharedSelect == 0) return new StoreSource(context, select.HistogramStatistics, Reported(hints, measure));
        var key = (select.SharedSelect, hints.MinTimeMs, hints.MaxTimeMs);
        if (!_shared.TryGetValue(key, out SharedSelect? shared))
            _shared.Add(key, shared = new SharedSelect(new StoreSource(context, select.HistogramStatistics, Reported(hints, measure)), context.Options.Budget));
        if (measure is not null) measure.FanOut = shared.FanOut;
        return shared.NewReader();
    }

    private static SelectHints Reported(SelectHints hints, NodeMeasure? measure) =>
        measure is null ? hints : hints with { FanOut = measure.FanOut = new FanOutReport() };

    private SeriesSource Source(SubqueryNode subquery, ReferenceTimes times, Surroundings around, bool keepHints)
    {
        long step = subquery.StepMs, before = times.StartMs - subquery.RangeMs;
        long start = before / step * step;
        if (start <= before) start += step;
        if (times.EndMs < start) return new EmptySource();
        ulong last = (ulong)(times.EndMs - start) / (ulong)step;
        if (last >= MaxSubquerySteps)
            throw PromQLException.Execution("query processing would load too many samples into memory in query execution");
        var inner = new StepGrid(start, step, (int)last + 1);
        inner = inner with { EndsLater = inner.EndMs < times.EndMs };
        Surroundings inside = around with
        {
            Total = false,
            StartMs = (subquery.AtMs ?? around.StartMs) - subquery.OffsetMs - subquery.RangeMs,
            EndMs = (subquery.AtMs ?? around.EndMs) - subquery.OffsetMs,
        };
        return new RowSource(Vector(subquery.Inner, inner, inside), keepHints);
    }

    private VectorOperator Aggregate(AggregateNode node, StepGrid grid, Surroundings around)
    {
        var scope = new AggregateScope(node.Operator, context.Annotations, node.Inner.Position, node.Position) { Poll = context.Poll };
        VectorOperator input = Vector(node.Inner, grid, around);
        if (node.Operator == AggregateOperator.CountValues)
        {
            string label = ((StringNode)node.Parameter!).Value;
            if (!LabelFunctions.IsValidName(label)) throw PromQLException.Execution($"invalid label name {GoStrings.Quote(label)}");
            return new CountValuesOperator(input, new Grouping(node.Without ? node.Grouping : [.. node.Grouping, label], node.Without), label);
        }

        var grouping = new Grouping(node.Grouping, node.Without);
        ScalarOperator? parameter = node.Parameter is null ? null : Scalar(node.Parameter, grid, around);
        PositionRange parameterPosition = node.Parameter?.Position ?? default;
        if (node.Operator is AggregateOperator.TopK or AggregateOperator.BottomK or AggregateOperator.LimitK or AggregateOperator.LimitRatio)
            return new SelectingAggregateOperator(input, scope, grouping, parameter!) { ParameterPosition = parameterPosition };
        return new AggregatingOperator(input, scope, grouping, parameter, Accumulator(node.Operator)) { ParameterPosition = parameterPosition };
    }

    private static Func<int, GroupAccumulator> Accumulator(AggregateOperator op) => op switch
    {
        AggregateOperator.Sum => static steps => new SumAccumulator(steps, mean: false),
        AggregateOperator.Avg => static steps => new SumAccumulator(steps, mean: true),
        AggregateOperator.Min => static steps => new ExtremeAccumulator(steps, max: false),
        AggregateOperator.Max => static steps => new ExtremeAccumulator(steps, max: true),
        AggregateOperator.Count => static steps => new CountAccumulator(steps, group: false),
        AggregateOperator.Group => static steps => new CountAccumulator(steps, group: true),
        AggregateOperator.Stddev => static steps => new VarianceAccumulator(steps, deviation: true),
        AggregateOperator.Stdvar => static steps => new VarianceAccumulator(steps, deviation: false),
        AggregateOperator.Quantile => static steps => new QuantileAccumulator(steps),
        _ => throw Refused(op.Text()),
    };

    private VectorOperator Binary(BinaryNode node, StepGrid grid, Surroundings around)
    {
        if (node.Left.Type == ValueType.Scalar)
            return new VectorScalarOperator(
                Vector(node.Right, grid, around), Scalar(node.Left, grid, around), node.Operator, scalarIsLeft: true, node.ReturnBool, node.Position);
        if (node.Right.Type == ValueType.Scalar)
            return new VectorScalarOperator(
                Vector(node.Left, grid, around), Scalar(node.Right, grid, around), node.Operator, scalarIsLeft: false, node.ReturnBool, node.Position);
        VectorOperator left = Vector(node.Left, grid, around), right = Vector(node.Right, grid, around);
        VectorMatching matching = node.Matching ?? new VectorMatching();
        return node.Operator.IsSet()
            ? new SetOperator(left, right, node.Operator, matching)
            : new VectorVectorOperator(left, right, node.Operator, matching, node.ReturnBool, node.Position);
    }

    private static PromQLException Refused(string what) => PromQLException.Execution($"{what} is not supported by this engine yet");
}

/// <summary>No series.</summary>
internal sealed class EmptySource : SeriesSource
{
    public override TimeRange Range => TimeRange.All;

    public override ValueTask<IReadOnlyList<SampleSeries>?> NextAsync() => new((IReadOnlyList<SampleSeries>?)null);
}
