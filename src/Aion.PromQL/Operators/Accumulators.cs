using System.Numerics;

namespace Aion.PromQL;

/// <summary>min and max: NaN loses to any number. Histograms are ignored.</summary>
internal sealed class ExtremeAccumulator(int steps, bool max) : GroupAccumulator(steps)
{
    private readonly double[] _values = new double[steps];
    private readonly ulong[] _present = new ulong[Bits.Words(steps)];

    public override void Write(Row row, AggregateScope scope, double[]? parameter)
    {
        _values.CopyTo(row.Values, 0);
        _present.CopyTo(row.Present, 0);
    }

    protected override void Add(Row row, AggregateScope scope)
    {
        if (row.Histograms is not null)
        {
            scope.NoteIgnoredHistogram();
            row.RemoveHistograms();
        }

        for (var word = 0; word < row.Present.Length; word++)
        {
            ulong present = row.Present[word];
            int from = word << 6;
            for (ulong rest = present & ~_present[word]; rest != 0; rest &= rest - 1)
            {
                int i = from + BitOperations.TrailingZeroCount(rest);
                _values[i] = row.Values[i];
            }

            for (ulong rest = present & _present[word]; rest != 0; rest &= rest - 1)
            {
                int i = from + BitOperations.TrailingZeroCount(rest);
                double value = row.Values[i], extreme = _values[i];
                if ((max ? extreme < value : extreme > value) || double.IsNaN(extreme)) _values[i] = value;
            }

            _present[word] |= present;
        }
    }
}

/// <summary>count and group: samples of both kinds.</summary>
internal sealed class CountAccumulator(int steps, bool group) : GroupAccumulator(steps)
{
    private readonly double[] _counts = new double[steps];
    private readonly ulong[] _present = new ulong[Bits.Words(steps)];

    public override void Write(Row row, AggregateScope scope, double[]? parameter)
    {
        if (group) Array.Fill(row.Values, 1);
        else _counts.CopyTo(row.Values, 0);
        _present.CopyTo(row.Present, 0);
    }

    protected override void Add(Row row, AggregateScope scope)
    {
        Bits.Or(_present, row.Present);
        if (group) return;
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) _counts[i]++;
    }
}

/// <summary>stddev and stdvar of the population, by Welford's running mean. Histograms are ignored.</summary>
internal sealed class VarianceAccumulator(int steps, bool deviation) : GroupAccumulator(steps)
{
    private readonly double[] _counts = new double[steps];
    private readonly double[] _means = new double[steps];
    private readonly double[] _squares = new double[steps];

    public override void Write(Row row, AggregateScope scope, double[]? parameter)
    {
        for (var i = 0; i < Steps; i++)
        {
            if (_counts[i] == 0) continue;
            double variance = _squares[i] / _counts[i];
            row.Set(i, deviation ? Math.Sqrt(variance) : variance);
        }
    }

    protected override void Add(Row row, AggregateScope scope)
    {
        if (row.Histograms is not null)
        {
            scope.NoteIgnoredHistogram();
            row.RemoveHistograms();
        }

        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            double value = row.Values[i];
            double count = ++_counts[i];
            if (count == 1)
            {
                _means[i] = value;
                _squares[i] = double.IsFinite(value) ? 0 : double.NaN;
                continue;
            }

            double delta = value - _means[i];
            _means[i] += delta / count;
            _squares[i] += delta * (value - _means[i]);
        }
    }
}

/// <summary>quantile: keeps the values of every step. Histograms are ignored.</summary>
internal sealed class QuantileAccumulator(int steps) : GroupAccumulator(steps)
{
    private readonly List<double>?[] _values = new List<double>?[steps];

    public override void Write(Row row, AggregateScope scope, double[]? parameter)
    {
        for (var i = 0; i < Steps; i++)
        {
            if (_values[i] is not { } values) continue;
            scope.Poll();
            row.Set(i, Quantiles.Of(parameter![i], System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values)));
        }
    }

    protected override void Add(Row row, AggregateScope scope)
    {
        if (row.Histograms is not null)
        {
            scope.NoteIgnoredHistogram();
            row.RemoveHistograms();
        }

        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) (_values[i] ??= []).Add(row.Values[i]);
    }
}
