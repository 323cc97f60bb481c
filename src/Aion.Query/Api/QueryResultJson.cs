using System.Numerics;
using Aion.Model;
using Aion.PromQL;
using ValueType = Aion.PromQL.ValueType;

namespace Aion.Query;

/// <summary>
/// Writes the <c>data</c> of a query's answer straight from its rows. Large answers leave through <paramref name="drain"/> a piece
/// at a time, so that the text of an answer is never whole in memory.
/// </summary>
/// <param name="drain">Called between series; may send and clear what is written so far.</param>
/// <remarks>Source: reference/http-api.md H-3.2 and H-4.3.</remarks>
internal sealed class QueryResultJson(JsonBuffer json, Func<ValueTask> drain)
{
    /// <summary>Writes <c>{"resultType":…,"result":…</c> and leaves the object open for what else belongs into it.</summary>
    public async ValueTask WriteAsync(QueryResult result)
    {
        json.Raw(result.Type switch
        {
            ValueType.Scalar => "{\"resultType\":\"scalar\",\"result\":"u8,
            ValueType.String => "{\"resultType\":\"string\",\"result\":"u8,
            ValueType.Vector => "{\"resultType\":\"vector\",\"result\":"u8,
            _ => "{\"resultType\":\"matrix\",\"result\":"u8,
        });
        switch (result.Type)
        {
            case ValueType.Scalar: Scalar(result.Grid.StartMs, result.Scalar); break;
            case ValueType.String: Text(result.Grid.StartMs, result.Text); break;
            case ValueType.Vector: await VectorAsync(result.Series); break;
            default: await MatrixAsync(result.Series, new StepTimes(result.Grid)); break;
        }
    }

    private void Scalar(long timeMs, double value)
    {
        // A scalar is printed by other rules than a sample: the time trimmed, the value never with an exponent.
        json.Raw((byte)'[');
        json.Number(timeMs / 1000.0);
        json.Raw(",\""u8);
        json.Advance(GoFloat.FormatPlain(value, json.Reserve(GoFloat.MaxLength)));
        json.Raw("\"]"u8);
    }

    private void Text(long timeMs, string text)
    {
        json.Raw((byte)'[');
        json.Number(timeMs / 1000.0);
        json.Raw((byte)',');
        json.Quoted(text);
        json.Raw((byte)']');
    }

    private async ValueTask VectorAsync(IReadOnlyList<ResultSeries> series)
    {
        json.Raw((byte)'[');
        for (var i = 0; i < series.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            Instant(series[i]);
            await drain();
        }

        json.Raw((byte)']');
    }

    private void Instant(ResultSeries series)
    {
        json.Raw("{\"metric\":"u8);
        LabelsJson.Write(json, series.Labels);
        foreach (ResultPoint point in series)
        {
            json.Raw(point.Histogram is null ? ",\"value\":["u8 : ",\"histogram\":["u8);
            json.Timestamp(point.TimestampMs);
            json.Raw((byte)',');
            if (point.Histogram is null) json.Sample(point.Value);
            else HistogramJson.Write(json, point.Histogram);
            json.Raw((byte)']');
        }

        json.Raw((byte)'}');
    }

    private async ValueTask MatrixAsync(IReadOnlyList<ResultSeries> series, StepTimes times)
    {
        json.Raw((byte)'[');
        for (var i = 0; i < series.Count; i++)
        {
            if (i > 0) json.Raw((byte)',');
            Range(series[i], times);
            await drain();
        }

        json.Raw((byte)']');
    }

    private void Range(ResultSeries series, StepTimes times)
    {
        json.Raw("{\"metric\":"u8);
        LabelsJson.Write(json, series.Labels);
        if (series.FloatCount > 0)
        {
            json.Raw(",\"values\":["u8);
            if (series.HistogramCount > 0 || !times.TryWrite(json, series)) Floats(series);
            json.DropLast();
            json.Raw((byte)']');
        }

        if (series.HistogramCount > 0) Histograms(series);
        json.Raw((byte)'}');
    }

    private void Floats(ResultSeries series)
    {
        foreach (ResultPoint point in series)
        {
            if (point.Histogram is not null) continue;
            json.Raw((byte)'[');
            json.Timestamp(point.TimestampMs);
            json.Raw((byte)',');
            json.Sample(point.Value);
            json.Raw("],"u8);
        }
    }

    private void Histograms(ResultSeries series)
    {
        json.Raw(",\"histograms\":["u8);
        foreach (ResultPoint point in series)
        {
            if (point.Histogram is null) continue;
            json.Raw((byte)'[');
            json.Timestamp(point.TimestampMs);
            json.Raw((byte)',');
            HistogramJson.Write(json, point.Histogram);
            json.Raw("],"u8);
        }

        json.DropLast();
        json.Raw((byte)']');
    }

    /// <summary>The step times as text, printed once for all series: <c>[1767218400,</c>.</summary>
    private sealed class StepTimes
    {
        private readonly byte[] _text = [];
        private readonly int[] _ends = [];

        public StepTimes(StepGrid grid)
        {
            // Raw samples of a range vector do not stand on the grid; one step does not pay.
            if (grid.Count < 2) return;
            using var text = new JsonBuffer();
            _ends = new int[grid.Count + 1];
            for (var i = 0; i < grid.Count; i++)
            {
                text.Raw((byte)'[');
                text.Timestamp(grid.At(i));
                text.Raw((byte)',');
                _ends[i + 1] = text.Length;
            }

            _text = text.Written.ToArray();
        }

        /// <summary>Writes all floats of a series that stands on the grid, a comma after each; false for others, of which nothing is written.</summary>
        public bool TryWrite(JsonBuffer json, ResultSeries series)
        {
            ReadOnlySpan<double> values = series.StepValues;
            if (values.Length == 0 || values.Length != _ends.Length - 1) return false;
            ReadOnlySpan<ulong> present = series.StepsPresent;
            for (var word = 0; word < present.Length; word++)
            {
                for (ulong bits = present[word]; bits != 0; bits &= bits - 1)
                {
                    int step = (word << 6) + BitOperations.TrailingZeroCount(bits);
                    json.Raw(_text.AsSpan(_ends[step].._ends[step + 1]));
                    json.Sample(values[step]);
                    json.Raw("],"u8);
                }
            }

            return true;
        }
    }
}
