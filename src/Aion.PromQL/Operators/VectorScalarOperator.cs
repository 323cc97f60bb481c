using Aion.Model;

namespace Aion.PromQL;

/// <summary>A binary operator between a vector and a scalar, in place.</summary>
/// <param name="input">The vector.</param>
/// <param name="scalar">The scalar, on whichever side.</param>
/// <param name="op">Arithmetic, comparison or trim.</param>
/// <param name="scalarIsLeft">The scalar stands left of the operator.</param>
/// <param name="returnBool">A comparison yields 0 or 1.</param>
/// <param name="position">Of the whole expression.</param>
internal sealed class VectorScalarOperator(
    VectorOperator input, ScalarOperator scalar, BinaryOperator op, bool scalarIsLeft, bool returnBool, PositionRange position)
    : VectorOperator(input.Context, input.Grid)
{
    private readonly bool _dropsName = returnBool || !(op.IsComparison() || op.IsTrim());
    private readonly DuplicateGuard? _guard = input.Context.DelayedNameRemoval ? null : new DuplicateGuard();
    private readonly StepProblems _problems = new(input.Grid.Count);
    private readonly ulong[] _holds = new ulong[Bits.Words(input.Grid.Count)];
    private double[]? _scalars;

    public override async ValueTask<List<Row>?> NextAsync()
    {
        _scalars ??= await scalar.ValuesAsync();
        while (await input.NextAsync() is { } batch)
        {
            var kept = 0;
            for (var i = 0; i < batch.Count; i++)
            {
                Context.Poll();
                Row row = batch[i];
                Apply(row);
                if (row.IsEmpty)
                {
                    Pool.Return(row);
                    continue;
                }

                if (_dropsName)
                {
                    row.DropName = true;
                    if (_guard is not null)
                    {
                        row.Labels = MetadataLabels.Drop(row.Labels);
                        _guard.Check(row);
                    }
                }

                batch[kept++] = row;
            }

            batch.RemoveRange(kept, batch.Count - kept);
            if (batch.Count > 0) return batch;
        }

        _problems.Report(Context.Annotations, op, position);
        return null;
    }

    private void Apply(Row row)
    {
        if (row.Histograms is not null || op.IsTrim())
        {
            ApplySteps(row);
            return;
        }

        ReadOnlySpan<double> left = scalarIsLeft ? _scalars : row.Values, right = scalarIsLeft ? row.Values : _scalars;
        if (!op.IsComparison())
        {
            ElementwiseBinary.Arithmetic(op, left, right, row.Values);
            return;
        }

        ElementwiseBinary.Compare(op, left, right, _holds);
        if (!returnBool)
        {
            Bits.And(row.Present, _holds);
            return;
        }

        for (var i = 0; i < row.Count; i++) row.Values[i] = Bits.Get(_holds, i) ? 1 : 0;
    }

    private void ApplySteps(Row row)
    {
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            FloatHistogram? histogram = row.HistogramAt(i);
            double value = row.Values[i], other = _scalars![i];
            if (histogram is null && !op.IsTrim())
            {
                double left = scalarIsLeft ? other : value, right = scalarIsLeft ? value : other;
                if (!op.IsComparison()) row.Set(i, ElementwiseBinary.Scalar(op)(left, right));
                else if (returnBool) row.Set(i, ElementwiseBinary.Holds(op, left, right) ? 1 : 0);
                else if (!ElementwiseBinary.Holds(op, left, right)) row.Remove(i);
                continue;
            }

            bool found = scalarIsLeft
                ? ElementwiseBinary.Mixed(op, other, null, value, histogram, out _, out FloatHistogram? result, out _, out PairProblem problem)
                : ElementwiseBinary.Mixed(op, value, histogram, other, null, out _, out result, out _, out problem);
            if (problem != PairProblem.None) _problems.Note(i, problem);
            if (found) row.Set(i, result!);
            else row.Remove(i);
        }
    }
}
