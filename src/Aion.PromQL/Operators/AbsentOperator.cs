using Aion.Model;

namespace Aion.PromQL;

/// <summary><c>absent(v)</c> and absent_over_time: 1 at each step where the input has nothing.</summary>
internal sealed class AbsentOperator(VectorOperator input, Labels labels, bool dropName) : BlockingOperator(input.Context, input.Grid)
{
    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        var seen = new ulong[Bits.Words(Grid.Count)];
        while (await input.NextAsync() is { } batch)
        {
            foreach (Row row in batch)
            {
                Bits.Or(seen, row.Present);
                input.Pool.Return(row);
            }
        }

        Row answer = Pool.Rent();
        answer.Labels = labels;
        answer.DropName = dropName;
        Array.Fill(answer.Values, 1);
        Bits.Fill(answer.Present, Grid.Count);
        Bits.AndNot(answer.Present, seen);
        if (answer.IsEmpty)
        {
            Pool.Return(answer);
            return [];
        }

        Pool.Charge(answer);
        return [answer];
    }
}
