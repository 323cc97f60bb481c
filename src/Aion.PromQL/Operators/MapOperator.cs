namespace Aion.PromQL;

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
