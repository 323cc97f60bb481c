using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>Where an operator's series come from: a store, or the rows of a subquery.</summary>
internal abstract class SeriesSource
{
    /// <summary>The next series, in order; null after the last.</summary>
    public abstract ValueTask<IReadOnlyList<SampleSeries>?> NextAsync();

    /// <summary>The times to read of each series.</summary>
    public abstract TimeRange Range { get; }
}

/// <summary>
/// Series that the querier selects. While the reader works on a batch the next one is being fetched, so that a store and the engine keep
/// different cores busy.
/// </summary>
/// <param name="context">Of the query.</param>
/// <param name="statistics">Only sum, count and reset hints of histograms are wanted.</param>
/// <param name="hints">What to select.</param>
internal sealed class StoreSource(QueryContext context, bool statistics, SelectHints hints) : SeriesSource, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(context.Token);
    private IAsyncEnumerator<IReadOnlyList<SampleSeries>>? _batches;
    private Task<bool>? _ahead;
    private bool _ended;

    public override async ValueTask<IReadOnlyList<SampleSeries>?> NextAsync()
    {
        if (_ended) return null;
        try
        {
            if (_batches is null)
            {
                _batches = context.Querier.SelectAsync(hints, _stop.Token).GetAsyncEnumerator(_stop.Token);
                context.CloseAtEnd(this);
            }

            _ahead ??= MoveAhead(_batches);
            bool more = await _ahead;
            _ahead = null;
            if (more)
            {
                IReadOnlyList<SampleSeries> batch = _batches.Current;
                _ahead = MoveAhead(_batches);
                return Wrapped(batch);
            }
        }
        catch (StoreException e)
        {
            throw new PromQLException(QueryErrorKind.Execution, $"expanding series: {e.Message}", e);
        }

        _ended = true;
        return null;
    }

    /// <summary>Ends the select, also in the middle of fetching a batch that nobody wants any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // The outcome no longer matters to anybody, but an enumerator can't be disposed while it moves.
        if (_ahead is not null) await _ahead.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (_batches is not null) await _batches.DisposeAsync();
        _stop.Dispose();
    }

    private static Task<bool> MoveAhead(IAsyncEnumerator<IReadOnlyList<SampleSeries>> batches) =>
        Task.Run(async () => await batches.MoveNextAsync(), CancellationToken.None);

    /// <summary>The times asked for: readers must not see more, whatever a store has.</summary>
    public override TimeRange Range => new(hints.MinTimeMs, hints.MaxTimeMs);

    public FanOutReport? FanOut => hints.FanOut;

    private IReadOnlyList<SampleSeries> Wrapped(IReadOnlyList<SampleSeries> batch)
    {
        if (!statistics) return batch;
        var wrapped = new SampleSeries[batch.Count];
        for (var i = 0; i < wrapped.Length; i++) wrapped[i] = new HistogramStatisticsSeries(batch[i]);
        return wrapped;
    }
}

/// <summary>The rows of a subquery, read as if they were stored samples at the times of its grid.</summary>
internal sealed class RowSource(VectorOperator inner, bool keepHints) : SeriesSource
{
    private List<Row>? _rows;

    public override TimeRange Range => TimeRange.All;

    /// <summary>All series at once; the reader who asks again is done with them.</summary>
    public override async ValueTask<IReadOnlyList<SampleSeries>?> NextAsync()
    {
        if (_rows is not null)
        {
            foreach (Row row in _rows) inner.Pool.Return(row);
            _rows.Clear();
            return null;
        }

        _rows = await inner.DrainAsync();
        RowMerger.Merge(_rows, inner.Pool, inner.Context.Poll);
        var series = new SampleSeries[_rows.Count];
        for (var i = 0; i < series.Length; i++) series[i] = new RowSeries(_rows[i], inner.Grid, keepHints);
        return series;
    }
}

/// <summary>A row as a series of samples.</summary>
internal sealed class RowSeries(Row row, StepGrid grid, bool keepHints) : SampleSeries
{
    public override Labels Labels => row.Labels;

    public bool DropName => row.DropName;

    public override void Read(long minMs, long maxMs, SampleBuffer buffer)
    {
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            long time = grid.At(i);
            if (time < minMs) continue;
            if (time > maxMs) break;
            if (row.HistogramAt(i) is { } histogram) buffer.Add(time, keepHints ? histogram : WithoutResetHint(histogram));
            else buffer.Add(time, row.Values[i]);
        }
    }

    /// <summary>A subquery may skip samples or repeat them, so what its histograms know of the sample before is void.</summary>
    private static FloatHistogram WithoutResetHint(FloatHistogram histogram)
    {
        if (histogram.CounterResetHint is CounterResetHint.Unknown or CounterResetHint.Gauge) return histogram;
        FloatHistogram copy = histogram.Copy();
        copy.CounterResetHint = CounterResetHint.Unknown;
        return copy;
    }
}
