namespace Aion.PromQL;

/// <summary><c>and</c>, <c>or</c> and <c>unless</c>: samples of the left side by what the right side has in the same match group at the step.</summary>
internal sealed class SetOperator(VectorOperator left, VectorOperator right, BinaryOperator op, VectorMatching matching)
    : BlockingOperator(left.Context, left.Grid)
{
    private readonly bool _unchecked = left.Context.DelayedNameRemoval && left.Grid.IsInstant;

    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        List<Row> leftRows = await left.DrainAsync(), rightRows = await right.DrainAsync();
        long tableBytes = MatchGroups.TableBytes(leftRows, rightRows, Bits.Words(Grid.Count));
        Context.Options.Budget?.Charge(tableBytes, "match groups of a join");
        var groups = new MatchGroups(matching);
        int[] leftOrdinals = groups.OrdinalsOf(leftRows, Context.Poll), rightOrdinals = groups.OrdinalsOf(rightRows, Context.Poll);
        bool or = op == BinaryOperator.Or;
        ulong[]?[] present = Presence(or ? leftRows : rightRows, or ? leftOrdinals : rightOrdinals, groups.Count);
        List<Row> answer = or ? leftRows : [];
        if (or) Restrict(rightRows, rightOrdinals, present, answer, keepPresent: false);
        else Restrict(leftRows, leftOrdinals, present, answer, keepPresent: op == BinaryOperator.And);
        if (!or)
            foreach (Row row in rightRows) Pool.Return(row);
        if (!_unchecked)
        {
            var guard = new DuplicateGuard();
            foreach (Row row in answer)
            {
                Context.Poll();
                guard.Check(row);
            }
        }

        Context.Options.Budget?.Release(tableBytes);
        return answer;
    }

    private ulong[]?[] Presence(List<Row> rows, int[] ordinals, int groups)
    {
        var present = new ulong[groups][];
        for (var i = 0; i < rows.Count; i++)
        {
            Context.Poll();
            Bits.Or(present[ordinals[i]] ??= new ulong[Bits.Words(Grid.Count)], rows[i].Present);
        }

        return present;
    }

    private void Restrict(List<Row> rows, int[] ordinals, ulong[]?[] present, List<Row> answer, bool keepPresent)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            Context.Poll();
            Row row = rows[i];
            if (present[ordinals[i]] is not { } there)
            {
                if (keepPresent) Array.Clear(row.Present);
            }
            else if (keepPresent)
            {
                row.Keep(there);
            }
            else
            {
                var absent = new ulong[there.Length];
                for (var w = 0; w < absent.Length; w++) absent[w] = ~there[w];
                row.Keep(absent);
            }

            if (row.IsEmpty) Pool.Return(row);
            else answer.Add(row);
        }
    }
}
