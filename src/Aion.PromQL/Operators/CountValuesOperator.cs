using Aion.Model;

namespace Aion.PromQL;

/// <summary>count_values: a series for every distinct value of a group, named by the value's text.</summary>
internal sealed class CountValuesOperator(VectorOperator input, Grouping grouping, string label) : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        var rows = new Dictionary<Labels, Row>();
        var builder = new LabelsBuilder();
        while (await input.NextAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Context.Poll();
                var known = new Dictionary<string, Row>(StringComparer.Ordinal);
                for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1))
                {
                    string text = row.HistogramAt(i) is { } histogram ? histogram.ToString() : GoFloat.ToPlain(row.Values[i]);
                    if (!known.TryGetValue(text, out Row? target))
                    {
                        builder.Reset(row.Labels);
                        builder.Set(label, text);
                        Labels labels = grouping.Of(builder.ToLabels());
                        if (!rows.TryGetValue(labels, out target))
                        {
                            target = Pool.Rent();
                            target.Labels = labels;
                            rows.Add(labels, target);
                        }

                        known.Add(text, target);
                    }

                    target.Set(i, (target.Has(i) ? target.Values[i] : 0) + 1);
                }

                input.Pool.Return(row);
            }
        }

        foreach (Row row in rows.Values) Pool.Charge(row);
        return [.. rows.Values];
    }
}
