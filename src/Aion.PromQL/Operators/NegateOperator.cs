using Aion.Model;

namespace Aion.PromQL;

/// <summary>The minus sign in front of a vector.</summary>
internal sealed class NegateOperator(VectorOperator input) : RowwiseOperator(input)
{
    private readonly DuplicateGuard? _guard = input.Context.DelayedNameRemoval ? null : new DuplicateGuard();

    protected override bool Apply(Row row)
    {
        double[] values = row.Values;
        for (var i = 0; i < values.Length; i++) values[i] = -values[i];
        if (row.Histograms is { } histograms)
        {
            for (var i = 0; i < histograms.Length; i++)
            {
                if (histograms[i] is null) continue;
                FloatHistogram negated = histograms[i]!.Copy();
                negated.Multiply(-1);
                histograms[i] = negated;
            }
        }

        row.DropName = true;
        if (_guard is not null)
        {
            row.Labels = MetadataLabels.Drop(row.Labels);
            _guard.Check(row);
        }

        return true;
    }
}
