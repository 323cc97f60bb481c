namespace Aion.PromQL;

/// <summary>A number that is the same at every step.</summary>
internal sealed class ConstantOperator(StepGrid grid, double value) : ScalarOperator(grid)
{
    protected override ValueTask<double[]> EvaluateAsync()
    {
        var values = new double[Grid.Count];
        Array.Fill(values, value);
        return new(values);
    }
}

/// <summary><c>time()</c>: the evaluation time in seconds.</summary>
internal sealed class TimeOperator(StepGrid grid) : ScalarOperator(grid)
{
    protected override ValueTask<double[]> EvaluateAsync()
    {
        var values = new double[Grid.Count];
        for (var i = 0; i < values.Length; i++) values[i] = Grid.At(i) / 1000.0;
        return new(values);
    }
}

/// <summary>A binary operator or two-argument function between scalars.</summary>
internal sealed class ScalarBinaryOperator(StepGrid grid, ScalarOperator left, ScalarOperator right, Func<double, double, double> combine)
    : ScalarOperator(grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        double[] a = await left.ValuesAsync(), b = await right.ValuesAsync();
        var values = new double[Grid.Count];
        for (var i = 0; i < values.Length; i++) values[i] = combine(a[i], b[i]);
        return values;
    }
}

/// <summary>The sign in front of a scalar.</summary>
internal sealed class ScalarNegateOperator(StepGrid grid, ScalarOperator operand) : ScalarOperator(grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        double[] operandValues = await operand.ValuesAsync();
        var values = new double[Grid.Count];
        for (var i = 0; i < values.Length; i++) values[i] = -operandValues[i];
        return values;
    }
}

/// <summary><c>scalar(v)</c>: the float of the only series with a float at that step, else NaN.</summary>
internal sealed class ScalarOfVectorOperator(VectorOperator input) : ScalarOperator(input.Grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        var values = new double[Grid.Count];
        var counts = new int[Grid.Count];
        while (await input.NextAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                {
                    if (row.HistogramAt(i) is not null) continue;
                    values[i] = row.Values[i];
                    counts[i]++;
                }

                input.Pool.Return(row);
            }
        }

        for (var i = 0; i < values.Length; i++)
            if (counts[i] != 1) values[i] = double.NaN;
        return values;
    }
}

/// <summary>A step-invariant scalar: evaluated at the first step only.</summary>
internal sealed class RepeatedScalarOperator(StepGrid grid, ScalarOperator once) : ScalarOperator(grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        var values = new double[Grid.Count];
        Array.Fill(values, (await once.ValuesAsync())[0]);
        return values;
    }
}
