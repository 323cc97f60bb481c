using System.Buffers;
using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>What an instant selector puts into its rows.</summary>
internal enum SelectedValue
{
    Sample,

    /// <summary>The time of the sample, seconds.</summary>
    Timestamp,

    /// <summary>The start timestamp of the sample, seconds, 0 if unknown.</summary>
    StartTimestamp,

    /// <summary>The time of the sample in milliseconds; a histogram is an error.</summary>
    InfoTimestamp,
}

/// <summary>Where a selector looks: step i refers to <c>StartMs + i · StepMs</c>, with <c>@</c> and offset worked in.</summary>
internal readonly record struct ReferenceTimes(long StartMs, long StepMs, int Count)
{
    public static ReferenceTimes Of(StepGrid grid, long? atMs, long offsetMs) =>
        new((atMs ?? grid.StartMs) - offsetMs, atMs is null ? grid.StepMs : 0, grid.Count);

    public long EndMs => At(Count - 1);

    public long At(int step) => StartMs + step * StepMs;
}

/// <summary>
/// An instant selector: at each step the newest sample in <c>(t − lookback, t]</c>, unless that is a stale marker. Series by series, on all workers.
/// </summary>
internal sealed class SelectOperator : VectorOperator, ISeriesEvaluator
{
    /// <summary>Row cells a batch aims at, so that the rows in flight stay within a few megabytes.</summary>
    private const int CellsPerBatch = 1 << 18;

    private readonly SeriesSource _source;
    private readonly ReferenceTimes _times;
    private readonly long _lookbackMs;
    private readonly SelectedValue _value;
    private readonly SampleCounting _counting;
    private IReadOnlyList<SampleSeries>? _batch;
    private int _position;

    public SelectOperator(QueryContext context, StepGrid grid, SeriesSource source, ReferenceTimes times, SelectedValue value, SampleCounting counting)
        : base(context, grid)
    {
        _source = source;
        _times = times;
        _lookbackMs = context.Options.LookbackDeltaMs;
        _value = value;
        _counting = counting;
    }

    public static int SeriesPerBatch(int steps) => Math.Clamp(CellsPerBatch / steps, 16, 1024);

    public override async ValueTask<List<Row>?> NextAsync()
    {
        while (true)
        {
            if (_batch is null || _position == _batch.Count)
            {
                Context.Poll();
                _batch = await _source.NextAsync();
                _position = 0;
                if (_batch is null) return null;
            }

            int count = Math.Min(SeriesPerBatch(Grid.Count), _batch.Count - _position);
            List<Row> rows = await SeriesWorkers.RunAsync(Context, _batch, _position, count, this);
            _position += count;
            if (rows.Count > 0) return rows;
        }
    }

    public Row? Evaluate(SampleSeries series, SampleBuffer buffer)
    {
        TimeRange range = _source.Range;
        series.Read(range.MinMs, range.MaxMs, buffer);
        if (buffer.Count == 0) return null;
        Row row = Pool.Rent();
        row.Labels = series.Labels;
        if (buffer.HasHistograms || _value != SelectedValue.Sample) FillAny(row, buffer);
        else FillFloats(row, buffer);
        if (row.IsEmpty)
        {
            Pool.Return(row);
            return null;
        }

        Pool.Charge(row);
        _counting.AddRow(row);
        return row;
    }

    private void FillFloats(Row row, SampleBuffer buffer)
    {
        ReadOnlySpan<long> times = buffer.Times;
        ReadOnlySpan<double> values = buffer.Values;
        int[] rented = ArrayPool<int>.Shared.Rent(_times.Count);
        Span<int> positions = rented.AsSpan(0, _times.Count);
        StepPositions.CountUpTo(times, buffer.IntervalMs, _times, positions);
        Span<double> target = row.Values.AsSpan(0, positions.Length);
        long tooOld = _times.StartMs - _lookbackMs;
        for (var step = 0; step < positions.Length; step++, tooOld += _times.StepMs)
        {
            int at = positions[step] - 1;
            if (at < 0 || times[at] <= tooOld) continue;
            double value = values[at];
            if (StaleMarker.Is(value)) continue;
            target[step] = value;
            Bits.Set(row.Present, step);
        }

        ArrayPool<int>.Shared.Return(rented);
    }

    private void FillAny(Row row, SampleBuffer buffer)
    {
        ReadOnlySpan<long> times = buffer.Times;
        var next = 0;
        for (var step = 0; step < _times.Count; step++)
        {
            long reference = _times.At(step);
            while (next < times.Length && times[next] <= reference) next++;
            int at = next - 1;
            if (at < 0 || times[at] <= reference - _lookbackMs) continue;
            FloatHistogram? histogram = buffer.HasHistograms ? buffer.Histograms[at] : null;
            if (histogram is null ? StaleMarker.Is(buffer.Values[at]) : histogram.IsStale) continue;
            if (_value == SelectedValue.InfoTimestamp)
            {
                if (histogram is not null) throw PromQLException.Execution($"this should be an info metric, with float samples: {row.Labels}");
                row.Set(step, times[at]);
            }
            else if (_value == SelectedValue.Timestamp) row.Set(step, times[at] / 1000.0);
            else if (_value == SelectedValue.StartTimestamp) row.Set(step, (buffer.HasStartTimes ? buffer.StartTimes[at] : 0) / 1000.0);
            else if (histogram is not null) row.Set(step, histogram);
            else row.Set(step, buffer.Values[at]);
        }
    }
}
