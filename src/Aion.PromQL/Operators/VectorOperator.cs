using Aion.Storage;

namespace Aion.PromQL;

/// <summary>
/// Yields the series of an instant vector as rows over a grid, in batches. The caller owns the rows of a batch and returns them to the pool.
/// The same label set may come in several rows as long as no step is present in two of them.
/// </summary>
internal abstract class VectorOperator(QueryContext context, StepGrid grid)
{
    public QueryContext Context { get; } = context;

    public StepGrid Grid { get; } = grid;

    public RowPool Pool { get; } = context.Pool(grid.Count);

    /// <summary>The next rows, never empty; null after the last.</summary>
    public abstract ValueTask<List<Row>?> NextAsync();

    /// <summary>All rows that are left.</summary>
    public async ValueTask<List<Row>> DrainAsync()
    {
        List<Row> all = [];
        while (await NextAsync() is { } batch)
        {
            if (all.Count == 0) all = batch;
            else all.AddRange(batch);
        }

        return all;
    }
}

/// <summary>An operator that needs all its input before it can answer, and answers in one batch.</summary>
internal abstract class BlockingOperator(QueryContext context, StepGrid grid) : VectorOperator(context, grid)
{
    private bool _done;

    public sealed override async ValueTask<List<Row>?> NextAsync()
    {
        if (_done) return null;
        _done = true;
        List<Row> rows = await EvaluateAsync();
        return rows.Count == 0 ? null : rows;
    }

    /// <summary>The whole answer; rows without samples left out.</summary>
    protected abstract ValueTask<List<Row>> EvaluateAsync();
}

/// <summary>Changes rows one at a time, in place or by dropping them.</summary>
internal abstract class RowwiseOperator(VectorOperator input) : VectorOperator(input.Context, input.Grid)
{
    protected VectorOperator Input { get; } = input;

    public sealed override async ValueTask<List<Row>?> NextAsync()
    {
        await PrepareAsync();
        while (await Input.NextAsync() is { } batch)
        {
            var kept = 0;
            for (var i = 0; i < batch.Count; i++)
            {
                // A batch of a join may hold a million rows.
                Context.Poll();
                Row row = batch[i];
                if (Apply(row)) batch[kept++] = row;
                else Pool.Return(row);
            }

            batch.RemoveRange(kept, batch.Count - kept);
            if (batch.Count > 0) return batch;
        }

        return null;
    }

    /// <summary>Called before each batch; evaluates parameters the first time.</summary>
    protected virtual ValueTask PrepareAsync() => ValueTask.CompletedTask;

    /// <summary>Changes the row; false drops it.</summary>
    protected abstract bool Apply(Row row);
}

/// <summary>A scalar over the grid: one value a step, computed once.</summary>
internal abstract class ScalarOperator(StepGrid grid)
{
    private double[]? _values;

    public StepGrid Grid { get; } = grid;

    /// <summary>What the values draw from; null: unlimited.</summary>
    public MemoryBudget? Budget { get; set; }

    /// <summary>The value of each step. Owned by the operator.</summary>
    public async ValueTask<double[]> ValuesAsync()
    {
        if (_values is not null) return _values;
        Budget?.Charge((Grid.Count * 8L) + 24, "values of a scalar");
        return _values = await EvaluateAsync();
    }

    protected abstract ValueTask<double[]> EvaluateAsync();
}
