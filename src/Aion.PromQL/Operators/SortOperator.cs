namespace Aion.PromQL;

/// <summary>sort and sort_desc drop histograms; the four sorts order the answer of an instant query.</summary>
internal sealed class SortOperator(VectorOperator input, IComparer<Row> order, bool floatsOnly) : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        List<Row> rows = await input.DrainAsync();
        if (floatsOnly)
        {
            foreach (Row row in rows) row.RemoveHistograms();
            Pool.ReturnEmpty(rows);
        }

        if (!Grid.IsInstant) return rows;
        // A stable sort: equal elements stay in the order of the input.
        return PolledSort.Ordered(rows, order, Context.Poll);
    }
}
