using Aion.Model;

namespace Aion.PromQL;

/// <summary>histogram_fraction: the share of observations between two scalars.</summary>
internal sealed class HistogramFractionOperator(VectorOperator input, ScalarOperator lower, ScalarOperator upper, PositionRange position)
    : HistogramOperator(input, position)
{
    private double[] _lower = [];
    private double[] _upper = [];

    protected override async ValueTask PrepareAsync()
    {
        _lower = await lower.ValuesAsync();
        _upper = await upper.ValuesAsync();
    }

    protected override void AddNative(Row row, ulong[] steps, string metricName, List<Row> answer)
    {
        Row target = NewRow(row.Labels, answer);
        for (int i = Bits.Next(steps, 0); i >= 0; i = Bits.Next(steps, i + 1))
        {
            target.Set(i, NativeHistogramMath.Fraction(_lower[i], _upper[i], row.HistogramAt(i)!, out NaNObservations observations));
            if (observations == NaNObservations.Excluded) Context.Annotations.Add(AnnotationKind.FractionNaNs, InputPosition, metricName);
        }
    }

    protected override void AddClassic(Labels labels, bool dropName, ulong[] steps, BucketGatherer gather, string metricName, List<Row> answer)
    {
        Row target = NewRow(labels, answer);
        for (int i = Bits.Next(steps, 0); i >= 0; i = Bits.Next(steps, i + 1))
            target.Set(i, ClassicHistogramMath.Fraction(_lower[i], _upper[i], gather(i)));
    }

    private Row NewRow(Labels labels, List<Row> answer)
    {
        Row row = Pool.Rent();
        row.Labels = labels;
        answer.Add(row);
        return row;
    }
}
