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
            times.Rewind();
            foreach (ResultPoint point in series)
            {
                if (point.Histogram is not null) continue;
                times.Write(json, point.TimestampMs);
                json.Sample(point.Value);
                json.Raw("],"u8);
            }

            json.DropLast();
            json.Raw((byte)']');
        }

        if (series.HistogramCount > 0) Histograms(series);
        json.Raw((byte)'}');
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
        private readonly StepGrid _grid;
        private readonly byte[] _text = [];
        private readonly int[] _ends = [];
        private int _next;

        public StepTimes(StepGrid grid)
        {
            _grid = grid;
            // Raw samples of a range vector do not stand on the grid; one step does not pay.
            if (grid.Count < 2) return;
            using var text = new JsonBuffer();
            _ends = new int[grid.Count];
            for (var i = 0; i < grid.Count; i++)
            {
                text.Raw((byte)'[');
                text.Timestamp(grid.At(i));
                text.Raw((byte)',');
                _ends[i] = text.Length;
            }

            _text = text.Written.ToArray();
        }

        public void Rewind() => _next = 0;

        /// <summary>Times must ascend between two rewinds.</summary>
        public void Write(JsonBuffer json, long timestampMs)
        {
            while (_next < _ends.Length && _grid.At(_next) < timestampMs) _next++;
            if (_next < _ends.Length && _grid.At(_next) == timestampMs)
            {
                json.Raw(_text.AsSpan((_next == 0 ? 0 : _ends[_next - 1]).._ends[_next]));
                return;
            }

            json.Raw((byte)'[');
            json.Timestamp(timestampMs);
            json.Raw((byte)',');
        }
    }
}
