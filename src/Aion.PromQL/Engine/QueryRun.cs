using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>One evaluation of a plan, from its operators to the answer.</summary>
internal sealed class QueryRun(QueryContext context, string query, bool isRange)
{
    public async Task<QueryResult> RunAsync(PlanNode plan)
    {
        var builder = new OperatorBuilder(context);
        StepGrid grid = context.Grid;
        switch (plan.Type)
        {
            case ValueType.String:
                return Result(ValueType.String, [], text: ((StringNode)plan).Value);
            case ValueType.Scalar:
                double[] values = await builder.Scalar(plan, grid).ValuesAsync();
                context.CheckReturned(0);
                return isRange ? Result(ValueType.Matrix, [Constant(values)]) : Result(ValueType.Scalar, [], scalar: values[0]);
            case ValueType.Matrix:
                return Result(ValueType.Matrix, await RawSamplesAsync(builder, plan));
            default:
                return Result(isRange ? ValueType.Matrix : ValueType.Vector, await RowsAsync(builder.Vector(plan, grid)));
        }
    }

    private ResultSeries Constant(double[] values)
    {
        var present = new ulong[Bits.Words(values.Length)];
        Bits.Fill(present, values.Length);
        context.Samples.Charge(values.Length);
        return new ResultSeries(Labels.Empty, context.Grid, values, present, null);
    }

    private async Task<List<ResultSeries>> RowsAsync(VectorOperator root)
    {
        List<Row> rows = await root.DrainAsync();
        foreach (Row row in rows)
            if (row.DropName && context.DelayedNameRemoval) row.Labels = MetadataLabels.Drop(row.Labels);
        RowMerger.Merge(rows, root.Pool, context.Poll);
        context.CheckReturned(rows.Count);
        if (isRange) PolledSort.Sort(rows, static (a, b) => a.Labels.CompareTo(b.Labels), context.Poll);
        return [.. rows.Select(r => new ResultSeries(r.Labels, context.Grid, r.Values, r.Present, r.Histograms))];
    }

    /// <summary>A range vector as the whole answer of an instant query: the samples themselves, sorted by labels.</summary>
    private async Task<List<ResultSeries>> RawSamplesAsync(OperatorBuilder builder, PlanNode plan)
    {
        SeriesSource source = builder.Matrix(plan, context.Grid, out RawWindow window);
        var answer = new List<ResultSeries>();
        SampleBuffer buffer = context.RentBuffer();
        while (await source.NextAsync() is { } batch)
        {
            foreach (SampleSeries series in batch)
            {
                context.Poll();
                buffer.Clear();
                series.Read(window.MinMs, window.MaxMs, buffer);
                bool dropName = series is RowSeries { DropName: true } && context.DelayedNameRemoval;
                if (RawSeries(dropName ? MetadataLabels.Drop(series.Labels) : series.Labels, buffer, window) is { } found) answer.Add(found);
            }
        }

        context.ReturnBuffer(buffer);

        PolledSort.Sort(answer, static (a, b) => a.Labels.CompareTo(b.Labels), context.Poll);
        for (var i = 1; i < answer.Count; i++)
            if (answer[i].Labels.Equals(answer[i - 1].Labels)) throw PromQLException.SameLabelset();
        return answer;
    }

    private ResultSeries? RawSeries(Labels labels, SampleBuffer buffer, RawWindow window)
    {
        var times = new List<long>(buffer.Count);
        var values = new List<double>(buffer.Count);
        List<FloatHistogram?>? histograms = buffer.HasHistograms ? [] : null;
        long cost = 0;
        for (var i = 0; i < buffer.Count; i++)
        {
            FloatHistogram? histogram = buffer.HasHistograms ? buffer.Histograms[i] : null;
            if (histogram is null ? StaleMarker.Is(buffer.Values[i]) : histogram.IsStale) continue;
            times.Add(buffer.Times[i]);
            values.Add(buffer.Values[i]);
            histograms?.Add(histogram);
            cost += histogram?.SampleCost() ?? 1;
        }

        if (times.Count == 0) return null;
        context.Samples.Charge(cost);
        context.Options.Budget?.Charge(
            labels.SizeBytes + 160 + (times.Count * 16L) + (histograms is null ? 0 : (times.Count * 8L) + (cost * 16)), "samples of the answer");
        if (window.CountsAsRead) context.Counters.Add(cost, cost);
        else context.Counters.Add(cost, 0);
        if (window.Trim is not null)
        {
            if (histograms is not null && histograms.Exists(h => h is not null))
                throw PromQLException.Execution($"{(window.Trim.Smoothed ? "smoothed" : "anchored")} modifier is not supported with histograms");
            (times, values) = window.Trim.Apply(times, values);
            if (times.Count == 0) return null;
        }

        return new ResultSeries(labels, [.. times], [.. values], histograms is null ? null : [.. histograms]);
    }

    private QueryResult Result(ValueType type, List<ResultSeries> series, double scalar = 0, string text = "") => new()
    {
        Type = type,
        Grid = context.Grid,
        Scalar = scalar,
        Text = text,
        Series = series,
        Warnings = [.. context.StoreWarnings.ToList(), .. context.Annotations.Render(warnings: true, query)],
        Infos = context.Annotations.Render(warnings: false, query),
        Statistics = new QueryStatistics
        {
            TotalQueryableSamples = context.Counters.Total,
            SamplesRead = context.Counters.Read,
            PeakSamples = context.Samples.Peak,
            TotalQueryableSamplesPerStep = context.Counters.TotalPerStep,
            SamplesReadPerStep = context.Counters.ReadPerStep,
        },
    };
}
