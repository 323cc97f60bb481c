using System.Text;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Functions over histograms of both kinds. Classic ones are put together from the series that differ in <c>le</c> only; where a native histogram
/// has the same labels at the same step, neither has an answer.
/// </summary>
internal abstract class HistogramOperator(VectorOperator input, PositionRange position) : BlockingOperator(input.Context, input.Grid)
{
    private readonly bool _unchecked = input.Context.DelayedNameRemoval && input.Grid.IsInstant;

    protected PositionRange InputPosition { get; } = position;

    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        await PrepareAsync();
        List<Row> rows = await input.DrainAsync();
        Dictionary<Labels, List<(double Bound, Row Row)>> classic = GroupClassic(rows);
        List<Row> answer = [];
        foreach (Row row in rows)
        {
            Context.Poll();
            if (row.Histograms is null) continue;
            classic.TryGetValue(row.Labels, out List<(double Bound, Row Row)>? sameName);
            AddNative(row, sameName, answer);
        }

        ClassicBucket[] scratch = [];
        foreach ((Labels labels, List<(double Bound, Row Row)> buckets) in classic)
        {
            Context.Poll();
            if (scratch.Length < buckets.Count) scratch = new ClassicBucket[buckets.Count];
            AddClassic(labels, buckets, NativeSteps(rows, labels), scratch, answer);
        }

        foreach (Row row in rows) Pool.Return(row);
        Pool.ReturnEmpty(answer);
        Finish(answer);
        return answer;
    }

    protected virtual ValueTask PrepareAsync() => ValueTask.CompletedTask;

    /// <summary>Rows of answers for a native histogram at the given steps.</summary>
    protected abstract void AddNative(Row row, ulong[] steps, string metricName, List<Row> answer);

    /// <summary>Rows of answers for a classic histogram. Gather gives the buckets of a step, to be changed at will.</summary>
    protected abstract void AddClassic(Labels labels, bool dropName, ulong[] steps, BucketGatherer gather, string metricName, List<Row> answer);

    protected delegate Span<ClassicBucket> BucketGatherer(int step);

    /// <summary>The name for annotations: gone already without delayed name removal.</summary>
    private string NameOf(Labels labels) => Context.DelayedNameRemoval ? MetadataLabels.NameOf(labels) : "";

    private Dictionary<Labels, List<(double Bound, Row Row)>> GroupClassic(List<Row> rows)
    {
        var classic = new Dictionary<Labels, List<(double, Row)>>();
        var builder = new LabelsBuilder();
        foreach (Row row in rows)
        {
            if (!HasFloats(row)) continue;
            string text = Encoding.UTF8.GetString(row.Labels.ValueOf("le"u8));
            if (GoFloat.TryParse(text, out double bound) != GoNumberStatus.Ok)
            {
                Context.Annotations.Add(AnnotationKind.BadBucketLabel, InputPosition, text, NameOf(row.Labels));
                continue;
            }

            builder.Reset(row.Labels);
            builder.Remove("le"u8);
            Labels key = builder.ToLabels();
            if (!classic.TryGetValue(key, out List<(double, Row)>? buckets)) classic.Add(key, buckets = []);
            buckets.Add((bound, row));
        }

        return classic;
    }

    private static bool HasFloats(Row row)
    {
        if (row.Histograms is null) return true;
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
            if (row.HistogramAt(i) is null) return true;
        return false;
    }

    private void AddNative(Row row, List<(double Bound, Row Row)>? classic, List<Row> answer)
    {
        var steps = new ulong[row.Present.Length];
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
        {
            if (row.HistogramAt(i) is null) continue;
            if (classic is not null && classic.Exists(b => b.Row.Has(i) && b.Row.HistogramAt(i) is null))
            {
                Context.Annotations.Add(AnnotationKind.MixedClassicNative, InputPosition, NameOf(row.Labels));
                continue;
            }

            Bits.Set(steps, i);
        }

        if (!Bits.IsEmpty(steps)) AddNative(row, steps, NameOf(row.Labels), answer);
    }

    private static ulong[]? NativeSteps(List<Row> rows, Labels labels)
    {
        ulong[]? steps = null;
        foreach (Row row in rows)
        {
            if (row.Histograms is null || !row.Labels.Equals(labels)) continue;
            steps ??= new ulong[row.Present.Length];
            for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                if (row.HistogramAt(i) is not null) Bits.Set(steps, i);
        }

        return steps;
    }

    private void AddClassic(
        Labels labels, List<(double Bound, Row Row)> buckets, ulong[]? native, ClassicBucket[] scratch, List<Row> answer)
    {
        var steps = new ulong[Bits.Words(Grid.Count)];
        foreach ((_, Row row) in buckets)
        {
            for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                if (row.HistogramAt(i) is null) Bits.Set(steps, i);
        }

        if (native is not null) Bits.AndNot(steps, native);
        AddClassic(labels, buckets[0].Row.DropName, steps, Gather, NameOf(labels), answer);

        Span<ClassicBucket> Gather(int step)
        {
            var count = 0;
            foreach ((double bound, Row row) in buckets)
                if (row.Has(step) && row.HistogramAt(step) is null) scratch[count++] = new ClassicBucket(bound, row.Values[step]);
            return scratch.AsSpan(0, count);
        }
    }

    private void Finish(List<Row> answer)
    {
        DuplicateGuard? guard = _unchecked ? null : new DuplicateGuard();
        foreach (Row row in answer)
        {
            row.DropName = true;
            if (!Context.DelayedNameRemoval) row.Labels = MetadataLabels.Drop(row.Labels);
            guard?.Check(row);
            Pool.Charge(row);
        }
    }
}
