using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Walks the series of one source in label order, with the symbols of the merged index. Not thread-safe.</summary>
internal sealed class SeriesCursor
{
    private readonly SourceBlock _block;
    private readonly SymbolMap _symbols;
    private readonly bool _acceptMalformed;
    private readonly bool _sorted;
    private readonly SeriesEntry _entry = new();
    private readonly uint[] _series;
    private LabelRef[] _labels = new LabelRef[32];
    private LabelRef[] _before = new LabelRef[32];
    private int _count;
    private int _countBefore = -1;
    private int _next;

    /// <param name="source">Position of the block among the sources.</param>
    /// <param name="sort">The index is known to be out of order: all its series are sorted first, in memory.</param>
    public SeriesCursor(int source, SourceBlock block, SymbolMap symbols, MergeOptions options, MemoryBudget budget, bool sort)
    {
        Source = source;
        _block = block;
        _symbols = symbols;
        _acceptMalformed = options.AcceptMalformedIndex;
        _series = Guard(() => block.Index.ReadPostings(block.Index.Postings.All));
        budget.Charge(_series.Length * (long)sizeof(uint), "the series ids of a block");
        if (sort) Sort(budget);
        _sorted = sort;
    }

    public int Source { get; }

    public uint Series { get; private set; }

    public ReadOnlySpan<LabelRef> Labels => _labels.AsSpan(0, _count);

    public ReadOnlySpan<ChunkMeta> Chunks => _entry.ChunkSpan;

    /// <summary>The labels were out of order in the index and have been sorted.</summary>
    public bool LabelsWereSorted { get; private set; }

    /// <exception cref="SourceDamagedException">The entry is damaged, or labels are out of order and that is not accepted.</exception>
    /// <exception cref="UnsortedSourceException">The series comes before the last one: start again, sorting.</exception>
    public bool MoveNext()
    {
        if (_next == _series.Length) return false;
        (_before, _labels) = (_labels, _before);
        _countBefore = _next == 0 ? -1 : _count;
        Read(_series[_next++]);
        if (!_sorted && _countBefore >= 0 && LabelRef.Compare(Labels, _before.AsSpan(0, _countBefore)) < 0)
            throw new UnsortedSourceException(Source, Series);
        return true;
    }

    private void Read(uint series)
    {
        Series = series;
        try
        {
            _block.Index.ReadSeries(series, _entry, long.MinValue, long.MaxValue);
        }
        catch (TsdbCorruptionException e)
        {
            throw new SourceDamagedException(_block.Meta.Id, e.Message, e);
        }

        ReadOnlySpan<LabelRef> stored = _entry.LabelSpan;
        if (_labels.Length < stored.Length) _labels = new LabelRef[stored.Length * 2];
        _count = stored.Length;
        var ordered = true;
        for (var i = 0; i < stored.Length; i++)
        {
            if (!_symbols.TryMap(stored[i].Name, out uint name) || !_symbols.TryMap(stored[i].Value, out uint value))
                throw new SourceDamagedException(_block.Meta.Id, $"index: a label of series {series} leads to no symbol");
            _labels[i] = new LabelRef(name, value);
            ordered &= i == 0 || _labels[i - 1].Name < name;
        }

        LabelsWereSorted = !ordered;
        if (!ordered) SortLabels(series);
    }

    private void SortLabels(uint series)
    {
        if (!_acceptMalformed)
            throw new SourceDamagedException(
                _block.Meta.Id, $"index: the labels of series {series} are out of order (--debug.accept-malformed-index accepts that)");
        Array.Sort(_labels, 0, _count, Comparer<LabelRef>.Create(static (a, b) => a.Key.CompareTo(b.Key)));
        var kept = 0;
        for (var i = 0; i < _count; i++)
            if (kept == 0 || _labels[kept - 1].Name != _labels[i].Name) _labels[kept++] = _labels[i];
        _count = kept;
    }

    /// <summary>Reads all labels once to put the ids in label order.</summary>
    private void Sort(MemoryBudget budget)
    {
        var labels = new LabelRef[_series.Length][];
        for (var i = 0; i < labels.Length; i++)
        {
            Read(_series[i]);
            budget.Charge(_count * 8L + 32, "the labels of a block that is out of order");
            labels[i] = Labels.ToArray();
        }

        Array.Sort(labels, _series, Comparer<LabelRef[]>.Create(static (a, b) => LabelRef.Compare(a, b)));
        foreach (LabelRef[] set in labels) budget.Release(set.Length * 8L + 32);
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (TsdbCorruptionException e)
        {
            throw new SourceDamagedException(_block.Meta.Id, e.Message, e);
        }
    }
}

/// <summary>The series of a source are not in label order.</summary>
internal sealed class UnsortedSourceException(int source, uint series) : Exception($"source {source}: series {series} is out of order")
{
    /// <summary>Position of the block among the sources.</summary>
    public int Position { get; } = source;

    public uint Series { get; } = series;
}
