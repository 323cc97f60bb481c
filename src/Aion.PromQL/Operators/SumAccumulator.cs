using System.Numerics;

namespace Aion.PromQL;

/// <summary>Sum or mean of floats, or of histograms; a step at which a group has both has no value.</summary>
internal sealed class SumAccumulator(int steps, bool mean) : GroupAccumulator(steps)
{
    private readonly double[] _sums = new double[steps];
    private readonly double[] _compensations = new double[steps];
    private readonly ulong[] _floats = new ulong[Bits.Words(steps)];
    private readonly double[]? _counts = mean ? new double[steps] : null;
    private ulong[]? _histograms;
    private HistogramSum?[]? _histogramSums;
    private ulong[]? _incremental;

    public override void Write(Row row, AggregateScope scope, double[]? parameter)
    {
        for (int i = Bits.Next(_floats, 0); i >= 0; i = Bits.Next(_floats, i + 1))
        {
            if (_histograms is not null && Bits.Get(_histograms, i))
            {
                scope.Annotations.Add(AnnotationKind.MixedFloatsHistogramsAggregation, scope.InputPosition);
                continue;
            }

            if (!mean) row.Set(i, _sums[i] + _compensations[i]);
            else if (_incremental is not null && Bits.Get(_incremental, i)) row.Set(i, _sums[i] + _compensations[i]);
            else row.Set(i, _sums[i] / _counts![i] + _compensations[i] / _counts[i]);
        }

        if (_histograms is null) return;
        for (int i = Bits.Next(_histograms, 0); i >= 0; i = Bits.Next(_histograms, i + 1))
        {
            if (Bits.Get(_floats, i) || _histogramSums![i] is not { } sum) continue;
            if (sum.Result(compact: true) is not { } result) continue;
            if (sum.HasCollision) scope.Annotations.Add(AnnotationKind.CounterResetCollision, scope.InputPosition, "aggregation");
            row.Set(i, result);
        }
    }

    protected override void Add(Row row, AggregateScope scope)
    {
        if (row.Histograms is not null || _histograms is not null)
        {
            AddMixed(row, scope);
            return;
        }

        for (var word = 0; word < row.Present.Length; word++)
        {
            ulong present = row.Present[word];
            if (present == 0) continue;
            int from = word << 6;
            int length = Math.Min(64, Steps - from);
            ulong full = length == 64 ? ulong.MaxValue : (1UL << length) - 1;
            if (present == full && _floats[word] == full && TryAddDense(row.Values.AsSpan(from, length), from)) continue;
            for (; present != 0; present &= present - 1) AddFloat(from + BitOperations.TrailingZeroCount(present), row.Values);
        }
    }

    /// <summary>The compensated step in independent lanes. False, and nothing changed, when a mean would overflow or already is incremental.</summary>
    private bool TryAddDense(ReadOnlySpan<double> values, int from)
    {
        Span<double> sums = _sums.AsSpan(from, values.Length), compensations = _compensations.AsSpan(from, values.Length);
        if (mean)
        {
            if (_incremental is not null && _incremental[from >> 6] != 0) return false;
            for (var i = 0; i < values.Length; i++)
                if (double.IsInfinity(sums[i] + values[i])) return false;
        }

        var at = 0;
        for (; at <= values.Length - Vector<double>.Count; at += Vector<double>.Count)
        {
            var value = new Vector<double>(values[at..]);
            var sum = new Vector<double>(sums[at..]);
            Vector<double> total = sum + value;
            Vector<double> larger = (sum - total) + value, smaller = (value - total) + sum;
            Vector<long> sumIsLarger = Vector.GreaterThanOrEqual(Vector.Abs(sum), Vector.Abs(value));
            Vector<double> compensation = new Vector<double>(compensations[at..]) + Vector.ConditionalSelect(sumIsLarger, larger, smaller);
            Vector<long> infinite = Vector.Equals(Vector.Abs(total), new Vector<double>(double.PositiveInfinity));
            Vector.ConditionalSelect(infinite, Vector<double>.Zero, compensation).CopyTo(compensations[at..]);
            total.CopyTo(sums[at..]);
        }

        for (; at < values.Length; at++) Kahan.Add(values[at], ref sums[at], ref compensations[at]);
        if (mean)
            foreach (ref double count in _counts.AsSpan(from, values.Length)) count++;
        return true;
    }

    private void AddFloat(int step, double[] values)
    {
        double value = values[step];
        if (!Bits.Get(_floats, step))
        {
            Bits.Set(_floats, step);
            _sums[step] = value;
            if (mean) _counts![step] = 1;
            return;
        }

        if (!mean)
        {
            Kahan.Add(value, ref _sums[step], ref _compensations[step]);
            return;
        }

        double count = ++_counts![step];
        if (_incremental is null || !Bits.Get(_incremental, step))
        {
            double sum = _sums[step], compensation = _compensations[step];
            Kahan.Add(value, ref sum, ref compensation);
            if (!double.IsInfinity(sum))
            {
                _sums[step] = sum;
                _compensations[step] = compensation;
                return;
            }

            _incremental ??= new ulong[_floats.Length];
            Bits.Set(_incremental, step);
            _sums[step] /= count - 1;
            _compensations[step] /= count - 1;
        }

        double q = (count - 1) / count;
        _sums[step] *= q;
        _compensations[step] *= q;
        Kahan.Add(value / count, ref _sums[step], ref _compensations[step]);
    }

    private void AddMixed(Row row, AggregateScope scope)
    {
        _histograms ??= new ulong[_floats.Length];
        _histogramSums ??= new HistogramSum?[Steps];
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            HistogramSum? sum = _histogramSums[i];
            if (sum is { IsIncompatible: true }) continue;
            if (row.HistogramAt(i) is not { } histogram)
            {
                AddFloat(i, row.Values);
                continue;
            }

            bool first = !Bits.Get(_floats, i) && !Bits.Get(_histograms, i);
            Bits.Set(_histograms, i);
            // If the group began with a float at this step it is lost already.
            if (first) sum = _histogramSums[i] = new HistogramSum(mean);
            if (sum is null) continue;
            bool wasReconciled = sum.Reconciled;
            if (!sum.Add(histogram))
                scope.Annotations.Add(AnnotationKind.MixedExponentialCustom, scope.InputPosition, MetadataLabels.NameOf(row.Labels));
            if (sum.Reconciled && !wasReconciled)
                scope.Annotations.Add(AnnotationKind.MismatchedCustomBuckets, scope.InputPosition, "aggregation");
        }
    }
}
