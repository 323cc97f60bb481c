using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>A range function over a range selector or subquery: each series is decoded once and evaluated for all steps.</summary>
internal sealed class RangeOperator(
    QueryContext context, StepGrid grid, SeriesSource source, RangeFunction function, RangeCall call,
    ScalarOperator[] scalars, SampleCounting counting) : VectorOperator(context, grid), ISeriesEvaluator
{
    private readonly DuplicateGuard? _guard = context.DelayedNameRemoval || function.KeepsName ? null : new DuplicateGuard(call.MetadataUnseen);
    private readonly long _before = call.Anchored || call.Smoothed ? context.Options.LookbackDeltaMs : 0;
    private readonly long _after = call.Smoothed ? context.Options.LookbackDeltaMs : 0;
    private readonly bool _startTimestamps = function.UsesStartTimestamps && context.Options.UseStartTimestamps;
    private readonly ConcurrentBag<RangeScratch> _scratch = [];
    private readonly WindowSequence _windows = call.Windows;
    private IReadOnlyList<SampleSeries>? _batch;
    private int _position;
    private bool _prepared;

    public override async ValueTask<List<Row>?> NextAsync()
    {
        if (!_prepared)
        {
            var values = new double[scalars.Length][];
            for (var i = 0; i < scalars.Length; i++) values[i] = await scalars[i].ValuesAsync();
            call.Scalars = values;
            _prepared = true;
        }

        while (true)
        {
            if (_batch is null || _position == _batch.Count)
            {
                Context.Poll();
                _batch = await source.NextAsync();
                _position = 0;
                if (_batch is null) return null;
            }

            int count = Math.Min(SelectOperator.SeriesPerBatch(Grid.Count), _batch.Count - _position);
            List<Row> rows = await SeriesWorkers.RunAsync(Context, _batch, _position, count, this);
            _position += count;
            if (_guard is not null)
                foreach (Row row in rows) _guard.CheckSeries(row);
            if (rows.Count > 0) return rows;
        }
    }

    public Row? Evaluate(SampleSeries series, SampleBuffer buffer)
    {
        TimeRange range = source.Range;
        series.Read(range.MinMs, range.MaxMs, buffer);
        if (buffer.Count == 0) return null;
        Row row = Pool.Rent();
        RangeScratch scratch = Rent();
        var scope = new RangeScope(call, series.Labels, scratch);
        RangeFunction used = series.ValuesAreCounts ? function.OverCounts ?? function : function;
        if (buffer.HasHistograms || (_startTimestamps && buffer.HasStartTimes) || HasStale(buffer.Values))
        {
            var split = new SplitSamples(buffer, _startTimestamps);
            Evaluate(used, split.Times, 0, split.Values, split.Starts, split.HistogramTimes, split.Histograms, split.HistogramStarts, scope, row);
        }
        else
        {
            Evaluate(used, buffer.Times, buffer.IntervalMs, buffer.Values, [], [], [], [], scope, row);
        }

        _scratch.Add(scratch);
        if (row.IsEmpty)
        {
            Pool.Return(row);
            return null;
        }

        SetLabels(series, row);
        Pool.Charge(row);
        return row;
    }

    private RangeScratch Rent()
    {
        if (_scratch.TryTake(out RangeScratch? scratch)) return scratch;
        scratch = new RangeScratch(Grid.Count);
        Context.Options.Budget?.Charge(scratch.Bytes, "query rows");
        return scratch;
    }

    private static bool HasStale(ReadOnlySpan<double> values) => MemoryMarshal.Cast<double, long>(values).Contains(StaleMarker.Bits);

    private void SetLabels(SampleSeries series, Row row)
    {
        bool dropName = !function.KeepsName || series is RowSeries { DropName: true };
        row.DropName = dropName;
        row.Labels = dropName && !Context.DelayedNameRemoval && !call.MetadataUnseen ? MetadataLabels.Drop(series.Labels) : series.Labels;
    }

    private void Evaluate(
        RangeFunction used, ReadOnlySpan<long> times, long intervalMs, ReadOnlySpan<double> values, ReadOnlySpan<long> starts,
        ReadOnlySpan<long> histogramTimes, ReadOnlySpan<FloatHistogram> histograms, ReadOnlySpan<long> histogramStarts, RangeScope scope, Row row)
    {
        if (histograms.IsEmpty && starts.IsEmpty && !call.Anchored && !call.Smoothed && !counting.PerStep)
        {
            WindowBounds bounds = WindowBounds.Of(times, intervalMs, _windows, scope.Arrays, out long total, out long read, Context.Token);
            if (used.EvaluateFloats(times, values, bounds, scope, row))
            {
                counting.Add(total, read);
                return;
            }
        }

        int low = 0, high = 0, histogramLow = 0, histogramHigh = 0;
        PointValue point = default;
        var work = 0;
        for (var step = 0; step < Grid.Count; step++)
        {
            long end = _windows.Ends.At(step);
            int oldHigh = high, oldHistogramHigh = histogramHigh;
            Advance(times, end - _windows.RangeMs - _before, end + _after, ref low, ref high);
            Advance(histogramTimes, end - _windows.RangeMs - _before, end + _after, ref histogramLow, ref histogramHigh);
            int first = used.FirstSample(times, low, end - _windows.RangeMs);
            if (first == high && histogramLow == histogramHigh) continue;
            if (first < high) scope.FirstSampleMs = times[used.EarliestSample(times, first, end - _windows.RangeMs)];
            work += high - low + ((histogramHigh - histogramLow) * 16);
            if (work > WindowBounds.PollSamples)
            {
                work = 0;
                Context.Poll();
            }

            var window = new Window
            {
                Times = times[first..high],
                Values = values[first..high],
                Starts = starts.IsEmpty ? starts : starts[low..high],
                HistogramTimes = histogramTimes[histogramLow..histogramHigh],
                Histograms = histograms[histogramLow..histogramHigh],
                HistogramStarts = histogramStarts.IsEmpty ? histogramStarts : histogramStarts[histogramLow..histogramHigh],
                StartMs = end - _windows.RangeMs,
                EndMs = end,
                EvaluationMs = Grid.At(step),
                Step = step,
            };
            point = default;
            counting.AddWindow(step, high - low, high - Math.Max(low, oldHigh), window.Histograms, histogramHigh - Math.Max(histogramLow, oldHistogramHigh));
            if (!used.Evaluate(window, scope, ref point)) continue;
            if (point.Histogram is null) row.Set(step, point.Float);
            else row.Set(step, point.Histogram);
        }
    }

    private static void Advance(ReadOnlySpan<long> times, long after, long until, ref int low, ref int high)
    {
        while (high < times.Length && times[high] <= until) high++;
        while (low < high && times[low] <= after) low++;
    }

    /// <summary>Floats and histograms of a series apart, stale markers removed.</summary>
    private readonly ref struct SplitSamples
    {
        public SplitSamples(SampleBuffer buffer, bool withStarts)
        {
            var times = new List<long>(buffer.Count);
            var values = new List<double>(buffer.Count);
            var starts = new List<long>();
            var histogramTimes = new List<long>();
            var histograms = new List<FloatHistogram>();
            var histogramStarts = new List<long>();
            withStarts &= buffer.HasStartTimes;
            for (var i = 0; i < buffer.Count; i++)
            {
                if (buffer.HasHistograms && buffer.Histograms[i] is { } histogram)
                {
                    if (histogram.IsStale) continue;
                    histogramTimes.Add(buffer.Times[i]);
                    histograms.Add(histogram);
                    if (withStarts) histogramStarts.Add(buffer.StartTimes[i]);
                    continue;
                }

                if (StaleMarker.Is(buffer.Values[i])) continue;
                times.Add(buffer.Times[i]);
                values.Add(buffer.Values[i]);
                if (withStarts) starts.Add(buffer.StartTimes[i]);
            }

            Times = CollectionsMarshal.AsSpan(times);
            Values = CollectionsMarshal.AsSpan(values);
            Starts = CollectionsMarshal.AsSpan(starts);
            HistogramTimes = CollectionsMarshal.AsSpan(histogramTimes);
            Histograms = CollectionsMarshal.AsSpan(histograms);
            HistogramStarts = CollectionsMarshal.AsSpan(histogramStarts);
        }

        public ReadOnlySpan<long> Times { get; }

        public ReadOnlySpan<double> Values { get; }

        public ReadOnlySpan<long> Starts { get; }

        public ReadOnlySpan<long> HistogramTimes { get; }

        public ReadOnlySpan<FloatHistogram> Histograms { get; }

        public ReadOnlySpan<long> HistogramStarts { get; }
    }
}
