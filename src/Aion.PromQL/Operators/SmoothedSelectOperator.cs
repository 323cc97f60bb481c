using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>A <c>smoothed</c> instant selector: the value at the step, interpolated between the samples around it within the lookback.</summary>
internal sealed class SmoothedSelectOperator(
    QueryContext context, StepGrid grid, SeriesSource source, ReferenceTimes times, PositionRange position, SampleCounting counting)
    : VectorOperator(context, grid), ISeriesEvaluator
{
    private readonly long _lookbackMs = context.Options.LookbackDeltaMs;

    public override async ValueTask<List<Row>?> NextAsync()
    {
        while (await source.NextAsync() is { } batch)
        {
            List<Row> rows = await SeriesWorkers.RunAsync(Context, batch, 0, batch.Count, this);
            if (rows.Count > 0) return rows;
        }

        return null;
    }

    public Row? Evaluate(SampleSeries series, SampleBuffer buffer)
    {
        TimeRange range = source.Range;
        series.Read(range.MinMs, range.MaxMs, buffer);
        Row row = Pool.Rent();
        row.Labels = series.Labels;
        var samples = new LiveSamples(buffer);
        int low = 0, high = 0;
        for (var step = 0; step < Grid.Count; step++)
        {
            long at = times.At(step);
            while (high < samples.Times.Count && samples.Times[high] <= at + _lookbackMs) high++;
            while (low < high && samples.Times[low] <= at - _lookbackMs) low++;
            if (low < high) Fill(row, step, at, samples, low, high);
        }

        if (row.IsEmpty)
        {
            Pool.Return(row);
            return null;
        }

        Pool.Charge(row);
        counting.AddRow(row);
        return row;
    }

    private void Fill(Row row, int step, long at, LiveSamples samples, int low, int high)
    {
        if (samples.IsMixed(low, high))
        {
            Annotate(AnnotationKind.MixedFloatsHistograms, row);
            return;
        }

        int next = low;
        while (next < high && samples.Times[next] < at) next++;
        if (next < high && samples.Times[next] == at) Set(row, step, samples, next, keepHint: true);
        else if (next == low) return;
        else if (next == high) Set(row, step, samples, next - 1, keepHint: false);
        else if (samples.Histograms[next] is null)
            row.Set(step, Interpolation.Between(samples.Times[next - 1], samples.Values[next - 1], samples.Times[next], samples.Values[next], at, isCounter: false));
        else FillHistogram(row, step, at, samples, next);
    }

    private static void Set(Row row, int step, LiveSamples samples, int index, bool keepHint)
    {
        if (samples.Histograms[index] is not { } histogram)
        {
            row.Set(step, samples.Values[index]);
            return;
        }

        FloatHistogram copy = histogram.Copy();
        // A hint tells of the sample before; carried forward it would tell a lie.
        if (!keepHint) copy.CounterResetHint = CounterResetHint.Unknown;
        row.Set(step, copy);
    }

    private void FillHistogram(Row row, int step, long at, LiveSamples samples, int next)
    {
        FloatHistogram before = samples.Histograms[next - 1]!, after = samples.Histograms[next]!;
        bool isCounter = before.CounterResetHint != CounterResetHint.Gauge || after.CounterResetHint != CounterResetHint.Gauge;
        FloatHistogram? value = before.UsesCustomBuckets != after.UsesCustomBuckets
            ? null
            : HistogramRate.Interpolate(
                samples.Times[next - 1], before, samples.Times[next], after, at, isCounter, out HistogramOutcome subtraction, out HistogramOutcome addition)
              is { } histogram ? Reported(histogram, subtraction, addition) : null;
        if (value is null) Annotate(AnnotationKind.MixedExponentialCustom, row);
        else row.Set(step, value);
    }

    private FloatHistogram Reported(FloatHistogram histogram, HistogramOutcome subtraction, HistogramOutcome addition)
    {
        if (subtraction.HasFlag(HistogramOutcome.BoundsReconciled))
            Context.Annotations.Add(AnnotationKind.MismatchedCustomBuckets, position, "subtraction");
        if (addition.HasFlag(HistogramOutcome.BoundsReconciled))
            Context.Annotations.Add(AnnotationKind.MismatchedCustomBuckets, position, "addition");
        return histogram;
    }

    private void Annotate(AnnotationKind kind, Row row) => Context.Annotations.Add(kind, position, MetadataLabels.NameOf(row.Labels));

    /// <summary>The samples that are no stale markers.</summary>
    private sealed class LiveSamples
    {
        public LiveSamples(SampleBuffer buffer)
        {
            for (var i = 0; i < buffer.Count; i++)
            {
                FloatHistogram? histogram = buffer.HasHistograms ? buffer.Histograms[i] : null;
                if (histogram is null ? StaleMarker.Is(buffer.Values[i]) : histogram.IsStale) continue;
                Times.Add(buffer.Times[i]);
                Values.Add(buffer.Values[i]);
                Histograms.Add(histogram);
            }
        }

        public List<long> Times { get; } = [];

        public List<double> Values { get; } = [];

        public List<FloatHistogram?> Histograms { get; } = [];

        public bool IsMixed(int low, int high)
        {
            for (int i = low + 1; i < high; i++)
                if (Histograms[i] is null != Histograms[low] is null) return true;
            return false;
        }
    }
}
