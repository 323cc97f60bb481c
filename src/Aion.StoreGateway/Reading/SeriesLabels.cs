using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>
/// Makes the label set of a series: those of the index, overridden by the block's external labels, less the labels left out.
/// Scratch of one reader; not thread-safe.
/// </summary>
internal sealed class SeriesLabels(BucketBlock block, SymbolTable symbols, ReadContext context)
{
    private readonly LabelsBuilder _builder = new();

    public Labels Of(SeriesEntry entry)
    {
        _builder.Clear();
        // Both lists are sorted by name, so one walk merges them and the builder has nothing to sort.
        LabelEnumerator external = block.ExternalLabels.GetEnumerator();
        bool more = external.MoveNext();
        foreach (LabelRef label in entry.Labels)
        {
            ReadOnlySpan<byte> name = symbols.Lookup(label.Name);
            int order = 1;
            while (more && (order = external.Current.Name.SequenceCompareTo(name)) < 0)
            {
                Add(external.Current.Name, external.Current.Value);
                more = external.MoveNext();
            }

            if (more && order == 0) continue;
            Add(name, symbols.Lookup(label.Value));
        }

        while (more)
        {
            Add(external.Current.Name, external.Current.Value);
            more = external.MoveNext();
        }

        return _builder.ToLabels();
    }

    private void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        foreach (byte[] without in context.WithoutLabels)
            if (name.SequenceEqual(without)) return;
        _builder.Add(name, value);
    }
}
