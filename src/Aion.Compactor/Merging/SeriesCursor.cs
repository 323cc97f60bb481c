using System.Buffers.Binary;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Walks the series of one source in label order, with the symbols of the merged index. Not thread-safe.</summary>
internal sealed class SeriesCursor : IDisposable
{
    private readonly SourceBlock _block;
    private readonly SymbolMap _symbols;
    private readonly bool _acceptMalformed;
    private readonly SortedSeries? _sorted;
    private readonly bool _anyOrder;
    private readonly SeriesEntry _entry = new();
    private readonly ReadOnlyMemory<byte> _series;
    private LabelRef[] _labels = new LabelRef[32];
    private LabelRef[] _before = new LabelRef[32];
    private int _count;
    private int _countBefore = -1;
    private int _next;

    /// <param name="source">Position of the block among the sources.</param>
    /// <param name="sorted">Another order than the index's, which is known to be wrong; disposed with the cursor.</param>
    /// <param name="anyOrder">For those who want the order of the index, whatever it is.</param>
    public SeriesCursor(int source, SourceBlock block, SymbolMap symbols, MergeOptions options, SortedSeries? sorted, bool anyOrder = false)
    {
        Source = source;
        _block = block;
        _symbols = symbols;
        _acceptMalformed = options.AcceptMalformedIndex;
        _sorted = sorted;
        _anyOrder = anyOrder || sorted is not null;
        _series = sorted?.Ids ?? Guard(() => block.Index.PostingsBytes(block.Index.Postings.All));
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
        uint series = BinaryPrimitives.ReadUInt32BigEndian(_series.Span[_next..]);
        if (_sorted is null && _next > 0 && series <= Series)
            throw new SourceDamagedException(_block.Meta.Id, "index: the ids of all series do not ascend");
        _next += sizeof(uint);
        Read(series);
        if (!_anyOrder && _countBefore >= 0 && LabelRef.Compare(Labels, _before.AsSpan(0, _countBefore)) < 0)
            throw new UnsortedSourceException(Source, Series);
        return true;
    }

    public void Dispose() => _sorted?.Dispose();

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
