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
