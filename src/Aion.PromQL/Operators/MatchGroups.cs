using System.Text;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>Finds the match group of series by the labels of <c>on</c> or <c>ignoring</c>; groups are numbered as they appear.</summary>
internal sealed class MatchGroups
{
    private readonly byte[][] _names;
    private readonly bool _on;
    private readonly LabelsBuilder _builder = new();
    private readonly Dictionary<Labels, int> _ordinals = [];

    public MatchGroups(VectorMatching matching)
    {
        _names = [.. matching.Labels.Select(Encoding.UTF8.GetBytes)];
        _on = matching.On;
    }

    public int Count => _ordinals.Count;

    /// <summary>Most that a join holds beside the rows: each series may be a group of its own, with labels, ordinals and two bitmaps.</summary>
    public static long TableBytes(List<Row> left, List<Row> right, int words)
    {
        long labels = 0;
        foreach (Row row in left) labels += row.Labels.SizeBytes;
        foreach (Row row in right) labels += row.Labels.SizeBytes;
        return (labels * 2) + ((left.Count + (long)right.Count) * (128 + (words * 16L)));
    }

    public int OrdinalOf(Labels series)
    {
        Labels key = LabelsOf(series);
        if (_ordinals.TryGetValue(key, out int ordinal)) return ordinal;
        _ordinals.Add(key, _ordinals.Count);
        return _ordinals.Count - 1;
    }

    /// <param name="poll">Stops a query that was canceled meanwhile.</param>
    public int[] OrdinalsOf(List<Row> rows, Action poll)
    {
        var ordinals = new int[rows.Count];
        for (var i = 0; i < ordinals.Length; i++)
        {
            poll();
            ordinals[i] = OrdinalOf(rows[i].Labels);
        }

        return ordinals;
    }

    /// <summary>The labels that name the match group of a series.</summary>
    public Labels LabelsOf(Labels series)
    {
        if (_on && _names.Length == 0) return Labels.Empty;
        _builder.Clear();
        foreach (var label in series)
        {
            bool listed = IsListed(label.Name);
            if (_on ? listed : !listed && !label.Name.SequenceEqual(LabelNames.MetricNameUtf8)) _builder.Add(label.Name, label.Value);
        }

        return _builder.ToLabels();
    }

    public bool IsListed(ReadOnlySpan<byte> name)
    {
        foreach (byte[] listed in _names)
            if (name.SequenceEqual(listed)) return true;
        return false;
    }
}
