using System.IO.Hashing;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>topk, bottomk, limitk and limit_ratio: some of the input's samples, with the labels of the input.</summary>
internal sealed class SelectingAggregateOperator(VectorOperator input, AggregateScope scope, Grouping grouping, ScalarOperator parameter)
    : BlockingOperator(input.Context, input.Grid)
{
    private List<Row>? _first;

    public PositionRange ParameterPosition { get; init; }

    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        double[] parameters = await parameter.ValuesAsync();
        bool ratio = scope.Operator == AggregateOperator.LimitRatio;
        // An input that fails fails the query before its parameter does.
        List<Row>? first = await input.NextAsync();
        bool any;
        try
        {
            any = ratio ? CheckRatios(parameters) : CheckCounts(parameters);
        }
        catch (PromQLException)
        {
            await input.DrainAsync();
            throw;
        }

        if (!any)
        {
            foreach (Row row in first ?? []) input.Pool.Return(row);
            foreach (Row row in await input.DrainAsync()) input.Pool.Return(row);
            return [];
        }

        _first = first;
        return scope.Operator is AggregateOperator.TopK or AggregateOperator.BottomK
            ? await TopAsync(parameters)
            : await LimitAsync(parameters, ratio);
    }

    private ValueTask<List<Row>?> NextInputAsync()
    {
        if (_first is not { } first) return input.NextAsync();
        _first = null;
        return new(first);
    }

    /// <summary>False: nothing can be selected at any step.</summary>
    private static bool CheckCounts(double[] counts)
    {
        (double min, double max, bool hasNaN) = Bounds(counts);
        if (max < 1 && !hasNaN) return false;
        if (hasNaN) throw PromQLException.Execution("Parameter value is NaN");
        if (min <= long.MinValue) throw PromQLException.Execution($"Scalar value {GoNumber.G(min)} underflows int64");
        if (max >= long.MaxValue) throw PromQLException.Execution($"Scalar value {GoNumber.G(max)} overflows int64");
        return true;
    }

    private bool CheckRatios(double[] ratios)
    {
        (double min, double max, bool hasNaN) = Bounds(ratios);
        if (max == 0 && min == 0 && !hasNaN) return false;
        if (hasNaN) throw PromQLException.Execution("Ratio value is NaN");
        if (max > 1) scope.Annotations.Add(AnnotationKind.InvalidRatio, ParameterPosition, GoNumber.G(max), "1");
        if (min < -1) scope.Annotations.Add(AnnotationKind.InvalidRatio, ParameterPosition, GoNumber.G(min), "-1");
        return true;
    }

    private static (double Min, double Max, bool HasNaN) Bounds(double[] values)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        var hasNaN = false;
        foreach (double value in values)
        {
            hasNaN |= double.IsNaN(value);
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return (min, max, hasNaN);
    }

    private async ValueTask<List<Row>> TopAsync(double[] parameters)
    {
        var groups = new Dictionary<Labels, KHeap?[]>();
        List<(Labels Labels, bool DropName)> series = [];
        bool top = scope.Operator == AggregateOperator.TopK;
        while (await NextInputAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Context.Poll();
                if (row.Histograms is not null)
                {
                    for (var i = 0; i < row.Count; i++)
                        if (row.HistogramAt(i) is not null && parameters[i] >= 1) scope.NoteIgnoredHistogram();
                    row.RemoveHistograms();
                }

                Labels key = grouping.Of(row.Labels);
                if (!groups.TryGetValue(key, out KHeap?[]? heaps))
                {
                    Context.Options.Budget?.Charge(Grid.Count * 64L, "the best of a group");
                    groups.Add(key, heaps = new KHeap?[Grid.Count]);
                }

                long grown = 0;
                int ordinal = series.Count;
                series.Add((row.Labels, row.DropName));
                for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                {
                    if (parameters[i] < 1) continue;
                    if ((heaps[i] ??= new KHeap((long)parameters[i], top)).Offer(row.Values[i], ordinal)) grown++;
                }

                if (grown > 0) Context.Options.Budget?.Charge(grown * 32, "the best of a group");

                input.Pool.Return(row);
            }
        }

        var rows = new Row?[series.Count];
        List<Row> answer = [];
        foreach (KHeap?[] heaps in groups.Values)
        {
            for (var i = 0; i < heaps.Length; i++)
            {
                if (heaps[i] is not { } heap) continue;
                foreach ((double value, int ordinal) in heap.BestFirst(Context.Poll))
                {
                    if (rows[ordinal] is not { } row)
                    {
                        row = rows[ordinal] = Pool.Rent();
                        (row.Labels, row.DropName) = series[ordinal];
                        answer.Add(row);
                    }

                    row.Set(i, value);
                }
            }
        }

        foreach (Row row in answer) Pool.Charge(row);
        return answer;
    }

    private async ValueTask<List<Row>> LimitAsync(double[] parameters, bool ratio)
    {
        var taken = new Dictionary<Labels, int[]>();
        List<Row> answer = [];
        while (await NextInputAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Context.Poll();
                double hash = ratio ? HashRatio(row.Labels) : 0;
                int[]? counts = null;
                if (!ratio)
                {
                    Labels key = grouping.Of(row.Labels);
                    if (!taken.TryGetValue(key, out counts))
                    {
                        Context.Options.Budget?.Charge((Grid.Count * 4L) + key.SizeBytes + 128, "counts of a group");
                        taken.Add(key, counts = new int[Grid.Count]);
                    }
                }

                for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                {
                    bool keep = ratio ? KeepsRatio(parameters[i], hash) : parameters[i] >= 1 && counts![i]++ < (long)parameters[i];
                    if (!keep) row.Remove(i);
                }

                if (row.IsEmpty)
                {
                    input.Pool.Return(row);
                    continue;
                }

                Pool.Charge(row);
                answer.Add(row);
            }
        }

        return answer;
    }

    /// <summary>r ≥ 0 takes the hashes below r; r &lt; 0 those from 1 + r on, so that r and r − 1 complement each other.</summary>
    private static bool KeepsRatio(double ratio, double hash)
    {
        ratio = Math.Clamp(ratio, -1, 1);
        return ratio >= 0 ? hash < ratio : hash >= 1 + ratio;
    }

    private static double HashRatio(Labels labels) => XxHash64.HashToUInt64(labels.Encoded) / 18446744073709551616.0;
}
