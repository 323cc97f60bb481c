using Aion.Model;

namespace Aion.PromQL;

/// <summary>What the accumulators of one aggregation share.</summary>
/// <param name="Operator">Which aggregation.</param>
/// <param name="InputPosition">Where the aggregated expression stands.</param>
/// <param name="Position">Where the aggregation stands.</param>
internal sealed record AggregateScope(AggregateOperator Operator, Annotations Annotations, PositionRange InputPosition, PositionRange Position)
{
    private bool _ignoredNoted;

    /// <summary>Stops a query that was canceled meanwhile.</summary>
    public required Action Poll { get; init; }

    public void NoteIgnoredHistogram()
    {
        if (_ignoredNoted) return;
        _ignoredNoted = true;
        bool whole = Operator is AggregateOperator.TopK or AggregateOperator.BottomK;
        Annotations.Add(AnnotationKind.HistogramIgnoredInAggregation, whole ? Position : InputPosition, Operator.Text());
    }
}

/// <summary>Which labels of a series name its group.</summary>
internal sealed class Grouping
{
    private readonly byte[][] _names;
    private readonly bool _without;
    private readonly LabelsBuilder _builder = new();

    public Grouping(IEnumerable<string> labels, bool without)
    {
        _names = [.. labels.Order(StringComparer.Ordinal).Distinct().Select(System.Text.Encoding.UTF8.GetBytes)];
        _without = without;
    }

    /// <summary>The labels of the group that a series belongs to.</summary>
    public Labels Of(Labels series)
    {
        if (!_without && _names.Length == 0) return Labels.Empty;
        _builder.Clear();
        foreach (var label in series)
        {
            bool listed = Lists(label.Name);
            if (_without ? !listed && !label.Name.SequenceEqual(LabelNames.MetricNameUtf8) : listed) _builder.Add(label.Name, label.Value);
        }

        return _builder.ToLabels();
    }

    private bool Lists(ReadOnlySpan<byte> name)
    {
        foreach (byte[] listed in _names)
            if (name.SequenceEqual(listed)) return true;
        return false;
    }
}

/// <summary>The accumulated steps of one group. Rows are folded in the order of the series, so sums are those of Prometheus to the last bit.</summary>
internal abstract class GroupAccumulator(int steps)
{
    protected int Steps { get; } = steps;

    public bool DropName { get; private set; }

    public void Fold(Row row, AggregateScope scope)
    {
        DropName |= row.DropName;
        Add(row, scope);
    }

    /// <summary>Writes the group's value of each step.</summary>
    public abstract void Write(Row row, AggregateScope scope, double[]? parameter);

    protected abstract void Add(Row row, AggregateScope scope);
}

/// <summary>sum, avg, min, max, count, group, stddev, stdvar and quantile: one row a group. A series is forgotten once it is folded.</summary>
internal sealed class AggregatingOperator(
    VectorOperator input, AggregateScope scope, Grouping grouping, ScalarOperator? parameter, Func<int, GroupAccumulator> create)
    : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        double[]? parameters = parameter is null ? null : await parameter.ValuesAsync();
        if (scope.Operator == AggregateOperator.Quantile) NoteInvalidQuantiles(parameters!);
        var groups = new Dictionary<Labels, GroupAccumulator>();
        while (await input.NextAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Context.Poll();
                Labels labels = grouping.Of(row.Labels);
                if (!groups.TryGetValue(labels, out GroupAccumulator? group))
                {
                    Context.Options.Budget?.Charge(Grid.Count * 24L + labels.SizeBytes + 128, "aggregation groups");
                    group = create(Grid.Count);
                    groups.Add(labels, group);
                }

                if (scope.Operator == AggregateOperator.Quantile)
                    Context.Options.Budget?.Charge(Bits.Count(row.Present) * 16L, "values of a quantile");
                group.Fold(row, scope);
                input.Pool.Return(row);
            }
        }

        var rows = new List<Row>(groups.Count);
        foreach ((Labels labels, GroupAccumulator group) in groups)
        {
            Context.Poll();
            Row row = Pool.Rent();
            row.Labels = labels;
            row.DropName = group.DropName;
            group.Write(row, scope, parameters);
            if (row.IsEmpty)
            {
                Pool.Return(row);
                continue;
            }

            Pool.Charge(row);
            rows.Add(row);
        }

        return rows;
    }

    private void NoteInvalidQuantiles(double[] quantiles)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        var hasNaN = false;
        foreach (double q in quantiles)
        {
            if (double.IsNaN(q)) hasNaN = true;
            else
            {
                min = Math.Min(min, q);
                max = Math.Max(max, q);
            }
        }

        if (hasNaN) Note(double.NaN);
        if (max > 1) Note(max);
        if (min < 0) Note(min);

        void Note(double q) => scope.Annotations.Add(AnnotationKind.InvalidQuantile, ParameterPosition, GoNumber.G(q));
    }

    public PositionRange ParameterPosition { get; init; }
}
