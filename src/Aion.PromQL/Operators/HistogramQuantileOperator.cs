using Aion.Model;

namespace Aion.PromQL;

/// <summary>histogram_quantile, and histogram_quantiles, which puts each quantile into a label.</summary>
internal sealed class HistogramQuantileOperator(
    VectorOperator input, ScalarOperator[] quantiles, PositionRange[] quantilePositions, PositionRange position, string? label)
    : HistogramOperator(input, position)
{
    private readonly double[][] _values = new double[quantiles.Length][];

    protected override async ValueTask PrepareAsync()
    {
        for (var k = 0; k < quantiles.Length; k++)
        {
            _values[k] = await quantiles[k].ValuesAsync();
            foreach (double q in _values[k])
                if (double.IsNaN(q) || q < 0 || q > 1)
                    Context.Annotations.Add(AnnotationKind.InvalidQuantile, quantilePositions[k], GoNumber.G(q));
        }
    }

    protected override void AddNative(Row row, ulong[] steps, string metricName, List<Row> answer)
    {
        var targets = new Targets(this, row.Labels, answer);
        for (var k = 0; k < _values.Length; k++)
        {
            for (int i = Bits.Next(steps, 0); i >= 0; i = Bits.Next(steps, i + 1))
            {
                double value = NativeHistogramMath.Quantile(_values[k][i], row.HistogramAt(i)!, out NaNObservations observations);
                if (observations == NaNObservations.ResultIsNaN)
                    Context.Annotations.Add(AnnotationKind.QuantileNaNResult, InputPosition, metricName);
                else if (observations == NaNObservations.Skewed)
                    Context.Annotations.Add(AnnotationKind.QuantileNaNSkew, InputPosition, metricName);
                targets.For(k, _values[k][i]).Set(i, value);
            }
        }
    }

    protected override void AddClassic(Labels labels, bool dropName, ulong[] steps, BucketGatherer gather, string metricName, List<Row> answer)
    {
        var targets = new Targets(this, labels, answer);
        var repaired = new ulong[steps.Length];
        for (var k = 0; k < _values.Length; k++)
        {
            for (int i = Bits.Next(steps, 0); i >= 0; i = Bits.Next(steps, i + 1))
            {
                double value = ClassicHistogramMath.Quantile(_values[k][i], gather(i), Grid.At(i), out MonotonicityRepair? repair);
                // Upstream repairs the buckets in place, so only the first quantile of a step finds them broken.
                if (repair is not null && !Bits.Get(repaired, i))
                {
                    Bits.Set(repaired, i);
                    Context.Annotations.AddRepair(InputPosition, metricName, i, Grid.Count, repair);
                }

                targets.For(k, _values[k][i]).Set(i, value);
            }
        }
    }

    /// <summary>The rows of one histogram: one, or one for each value that a quantile argument takes.</summary>
    private sealed class Targets(HistogramQuantileOperator owner, Labels labels, List<Row> answer)
    {
        private readonly Dictionary<(int Argument, long Bits), Row> _rows = [];

        public Row For(int argument, double q)
        {
            var key = (argument, owner.Label is null ? 0 : BitConverter.DoubleToInt64Bits(q));
            if (_rows.TryGetValue(key, out Row? row)) return row;
            row = owner.Pool.Rent();
            row.Labels = owner.Label is null ? labels : WithQuantile(owner.Label, q);
            _rows.Add(key, row);
            answer.Add(row);
            return row;
        }

        private Labels WithQuantile(string label, double q)
        {
            var builder = new LabelsBuilder(labels);
            builder.Set(label, OpenMetricsNumber(q));
            return builder.ToLabels();
        }

        /// <summary>As OpenMetrics writes numbers: always with a fraction or an exponent.</summary>
        private static string OpenMetricsNumber(double value)
        {
            string text = GoNumber.G(value);
            return double.IsFinite(value) && text.AsSpan().IndexOfAny('.', 'e') < 0 ? text + ".0" : text;
        }
    }

    private string? Label => label;
}
