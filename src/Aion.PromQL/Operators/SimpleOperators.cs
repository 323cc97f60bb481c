using Aion.Model;

namespace Aion.PromQL;

/// <summary><c>vector(s)</c>: one series without labels.</summary>
internal sealed class VectorOfScalarOperator(QueryContext context, StepGrid grid, ScalarOperator scalar) : BlockingOperator(context, grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        double[] values = await scalar.ValuesAsync();
        Row row = Pool.Rent();
        row.Labels = Labels.Empty;
        values.CopyTo(row.Values, 0);
        Bits.Fill(row.Present, Grid.Count);
        Pool.Charge(row);
        return [row];
    }
}

/// <summary>Evaluates its input at the first step only and repeats the answer at all steps.</summary>
internal sealed class RepeatOperator(StepGrid grid, VectorOperator once) : VectorOperator(once.Context, grid)
{
    public override async ValueTask<List<Row>?> NextAsync()
    {
        if (await once.NextAsync() is not { } batch) return null;
        for (var i = 0; i < batch.Count; i++)
        {
            Row single = batch[i];
            Row row = Pool.Rent();
            row.Labels = single.Labels;
            row.DropName = single.DropName;
            Array.Fill(row.Values, single.Values[0]);
            Bits.Fill(row.Present, Grid.Count);
            if (single.HistogramAt(0) is { } histogram) Array.Fill(row.HistogramSlots(), histogram);
            once.Pool.Return(single);
            Pool.Charge(row);
            batch[i] = row;
        }

        return batch;
    }
}

/// <summary><c>absent(v)</c> and absent_over_time: 1 at each step where the input has nothing.</summary>
internal sealed class AbsentOperator(VectorOperator input, Labels labels, bool dropName) : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        var seen = new ulong[Bits.Words(Grid.Count)];
        while (await input.NextAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Bits.Or(seen, row.Present);
                input.Pool.Return(row);
            }
        }

        Row answer = Pool.Rent();
        answer.Labels = labels;
        answer.DropName = dropName;
        Array.Fill(answer.Values, 1);
        Bits.Fill(answer.Present, Grid.Count);
        Bits.AndNot(answer.Present, seen);
        if (answer.IsEmpty)
        {
            Pool.Return(answer);
            return [];
        }

        Pool.Charge(answer);
        return [answer];
    }
}

/// <summary>A function of one sample of an instant vector and of scalars; drops the metric name.</summary>
/// <param name="input">The vector.</param>
/// <param name="scalars">Parameters, a value a step each.</param>
/// <param name="map">Changes the row in place.</param>
/// <param name="nameOnly">Without delayed name removal, drop only <c>__name__</c>.</param>
internal sealed class MapOperator(VectorOperator input, ScalarOperator[] scalars, RowMap map, bool nameOnly) : RowwiseOperator(input)
{
    private readonly DuplicateGuard? _guard = input.Context.DelayedNameRemoval ? null : new DuplicateGuard();
    private double[][]? _values;

    protected override async ValueTask PrepareAsync()
    {
        if (_values is not null) return;
        _values = new double[scalars.Length][];
        for (var i = 0; i < scalars.Length; i++) _values[i] = await scalars[i].ValuesAsync();
    }

    protected override bool Apply(Row row)
    {
        map(row, Grid, _values!);
        if (row.IsEmpty) return false;
        row.DropName = true;
        if (_guard is not null)
        {
            row.Labels = nameOnly ? MetadataLabels.DropNameOnly(row.Labels) : MetadataLabels.Drop(row.Labels);
            _guard.Check(row);
        }

        return true;
    }
}

/// <summary>Changes a row in place; removes the samples that have no answer.</summary>
internal delegate void RowMap(Row row, StepGrid grid, double[][] scalars);

/// <summary>The minus sign in front of a vector.</summary>
internal sealed class NegateOperator(VectorOperator input) : RowwiseOperator(input)
{
    private readonly DuplicateGuard? _guard = input.Context.DelayedNameRemoval ? null : new DuplicateGuard();

    protected override bool Apply(Row row)
    {
        double[] values = row.Values;
        for (var i = 0; i < values.Length; i++) values[i] = -values[i];
        if (row.Histograms is { } histograms)
        {
            for (var i = 0; i < histograms.Length; i++)
            {
                if (histograms[i] is null) continue;
                FloatHistogram negated = histograms[i]!.Copy();
                negated.Multiply(-1);
                histograms[i] = negated;
            }
        }

        row.DropName = true;
        if (_guard is not null)
        {
            row.Labels = MetadataLabels.Drop(row.Labels);
            _guard.Check(row);
        }

        return true;
    }
}

/// <summary>sort and sort_desc drop histograms; the four sorts order the answer of an instant query.</summary>
internal sealed class SortOperator(VectorOperator input, IComparer<Row> order, bool floatsOnly) : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        List<Row> rows = await input.DrainAsync();
        if (floatsOnly)
        {
            foreach (Row row in rows) row.RemoveHistograms();
            rows.RemoveAll(r => r.IsEmpty);
        }

        if (!Grid.IsInstant) return rows;
        // A stable sort: equal elements stay in the order of the input.
        return [.. rows.Order(order)];
    }
}
