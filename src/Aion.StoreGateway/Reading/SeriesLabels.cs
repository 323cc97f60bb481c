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

    /// <param name="likely">
    /// What another block has at this place. Blocks of one Prometheus hold the same series mostly: then its object serves again, nothing is
    /// copied, and the merge of the blocks compares references.
    /// </param>
    public Labels Of(SeriesEntry entry, Labels? likely)
    {
        if (likely is not null && IsSame(entry, likely)) return likely;
        _builder.Clear();
        var pairs = new PairEnumerator(this, entry);
        while (pairs.MoveNext()) _builder.Add(pairs.Name, pairs.Value);
        return _builder.ToLabels();
    }

    private bool IsSame(SeriesEntry entry, Labels likely)
    {
        LabelEnumerator expected = likely.GetEnumerator();
        var pairs = new PairEnumerator(this, entry);
        while (pairs.MoveNext())
            if (!expected.MoveNext() || !expected.Current.Name.SequenceEqual(pairs.Name) || !expected.Current.Value.SequenceEqual(pairs.Value)) return false;
        return !expected.MoveNext();
    }

    private bool IsLeftOut(ReadOnlySpan<byte> name)
    {
        foreach (byte[] without in context.WithoutLabels)
            if (name.SequenceEqual(without)) return true;
        return false;
    }

    /// <summary>Both lists are sorted by name, so one walk merges them and nobody has to sort.</summary>
    private ref struct PairEnumerator
    {
        private readonly SeriesLabels _owner;
        private readonly SymbolTable _symbols;
        private readonly ReadOnlySpan<LabelRef> _own;
        private LabelEnumerator _external;
        private bool _moreExternal;
        private int _next;

        public PairEnumerator(SeriesLabels owner, SeriesEntry entry)
        {
            _owner = owner;
            _symbols = owner.Symbols;
            _own = entry.LabelSpan;
            _external = owner.External.GetEnumerator();
            _moreExternal = _external.MoveNext();
        }

        public ReadOnlySpan<byte> Name { get; private set; }

        public ReadOnlySpan<byte> Value { get; private set; }

        public bool MoveNext()
        {
            while (Step())
                if (!_owner.IsLeftOut(Name)) return true;
            return false;
        }

        private bool Step()
        {
            if (_next == _own.Length) return _moreExternal && TakeExternal();
            ReadOnlySpan<byte> name = _symbols.Lookup(_own[_next].Name);
            int order = _moreExternal ? _external.Current.Name.SequenceCompareTo(name) : 1;
            if (order <= 0)
            {
                if (order == 0) _next++;
                return TakeExternal();
            }

            Name = name;
            Value = _symbols.Lookup(_own[_next++].Value);
            return true;
        }

        private bool TakeExternal()
        {
            Name = _external.Current.Name;
            Value = _external.Current.Value;
            _moreExternal = _external.MoveNext();
            return true;
        }
    }

    private SymbolTable Symbols => symbols;

    private Labels External => block.ExternalLabels;
}
