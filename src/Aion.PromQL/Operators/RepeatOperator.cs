namespace Aion.PromQL;

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
