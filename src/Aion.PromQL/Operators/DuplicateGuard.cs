using Aion.Model;

namespace Aion.PromQL;

/// <summary>Finds label sets that two rows share at one step, which PromQL forbids.</summary>
/// <param name="ignoreMetadata">Label sets count as equal that differ in metadata labels only.</param>
internal sealed class DuplicateGuard(bool ignoreMetadata = false)
{
    private readonly Dictionary<Labels, ulong[]> _seen = new(ignoreMetadata ? MetadataLabels.Ignored : null);

    /// <exception cref="PromQLException">An earlier row with these labels has a sample at a step of this one.</exception>
    public void Check(Row row)
    {
        if (!_seen.TryGetValue(row.Labels, out ulong[]? present))
        {
            _seen.Add(row.Labels, [.. row.Present]);
            return;
        }

        if (Bits.FirstCommon(present, row.Present) >= 0) throw PromQLException.SameLabelset();
        Bits.Or(present, row.Present);
    }

    /// <exception cref="PromQLException">An earlier row has these labels, at whatever steps.</exception>
    public void CheckSeries(Row row)
    {
        if (!_seen.TryAdd(row.Labels, [])) throw PromQLException.SameLabelset();
    }
}

/// <summary>Makes one row of rows with equal labels.</summary>
internal static class RowMerger
{
    /// <summary>Merges in place, keeping the place of the first of each set; merged rows go back to the pool.</summary>
    /// <param name="poll">Stops a query that was canceled meanwhile.</param>
    /// <exception cref="PromQLException">Two rows with the same labels share a step.</exception>
    public static void Merge(List<Row> rows, RowPool pool, Action poll)
    {
        if (rows.Count < 2) return;
        var first = new Dictionary<Labels, Row>(rows.Count);
        var kept = 0;
        for (var at = 0; at < rows.Count; at++)
        {
            poll();
            Row row = rows[at];
            if (first.TryAdd(row.Labels, row))
            {
                rows[kept++] = row;
                continue;
            }

            Row target = first[row.Labels];
            if (Bits.FirstCommon(target.Present, row.Present) >= 0) throw PromQLException.SameLabelset();
            for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) target.CopyStep(row, i, i);
            target.DropName |= row.DropName;
            pool.Charge(target);
            pool.Return(row);
        }

        rows.RemoveRange(kept, rows.Count - kept);
    }
}
