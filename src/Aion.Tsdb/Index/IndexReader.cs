using System.Buffers.Binary;
using System.Text;
using Aion.Model;

namespace Aion.Tsdb;

/// <summary>
/// An index file of any version, mapped. Opening checks header, table of contents, symbols and postings offset table. Thread-safe.
/// </summary>
public sealed class IndexReader : IDisposable
{
    private const int SeriesAlignment = 16;

    /// <summary>What is looked at first for a series entry; longer ones are read again whole.</summary>
    private const int SeriesGuessBytes = 4096;

    private readonly MappedFile _file;

    private IndexReader(MappedFile file)
    {
        _file = file;
        Version = IndexHeader.ParseVersion(file.SliceFrom(0, IndexHeader.SizeBytes).Span);
        int tail = (int)Math.Min(IndexToc.SizeBytes, file.Length);
        Toc = IndexToc.Parse(file.Slice(file.Length - tail, tail).Span);
        long end = file.Length - IndexToc.SizeBytes;
        Symbols = At(Toc.Symbols, () => SymbolTable.Parse(Section(Toc.Symbols, end), Version, Toc.Symbols));
        Postings = At(Toc.PostingsTable, () => PostingsOffsetTable.Parse(Section(Toc.PostingsTable, end), Version, Toc.PostingsTable));
    }

    public int Version { get; }

    public IndexToc Toc { get; }

    public SymbolTable Symbols { get; }

    public PostingsOffsetTable Postings { get; }

    public string Path => _file.Path;

    /// <exception cref="TsdbCorruptionException">A part that is checked at opening is damaged; carries path and byte offset.</exception>
    /// <exception cref="IOException">The file can't be opened.</exception>
    public static IndexReader Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        try
        {
            return new IndexReader(file);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            file.Dispose();
            throw e.In(path, 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Ids of the series that match, in index order. Without matchers: all series.</summary>
    /// <exception cref="TsdbCorruptionException">A list or a table entry is damaged.</exception>
    public uint[] Select(IReadOnlyList<LabelMatcher> matchers) =>
        At(Toc.PostingsTable, () => PostingsPlan.Of(matchers, Postings)).Evaluate(e => ReadPostings(e.Range));

    /// <exception cref="TsdbCorruptionException">The list is damaged.</exception>
    public uint[] ReadPostings(PostingsRange range)
    {
        if (!range.IsFound) return [];
        long start = range.Start - sizeof(uint);
        return At(start, () => PostingsList.ParseSection(_file.Slice(start, range.End + sizeof(uint) - start).Span));
    }

    /// <summary>
    /// The ids of a list in place, big-endian, for those who walk a long one; checked but for their order. Valid until the reader is disposed.
    /// </summary>
    /// <inheritdoc cref="ReadPostings" path="/exception"/>
    public ReadOnlyMemory<byte> PostingsBytes(PostingsRange range)
    {
        if (!range.IsFound) return default;
        long start = range.Start - sizeof(uint);
        ReadOnlyMemory<byte> section = _file.Slice(start, range.End + sizeof(uint) - start);
        int length = At(start, () => PostingsList.IdBytes(section.Span).Length);
        return section.Slice(2 * sizeof(uint), length);
    }

    /// <summary>Where the entry of a series starts in the file.</summary>
    public long OffsetOf(uint series) => Version == 1 ? series : (long)series * SeriesAlignment;

    /// <summary>Decodes one series with the chunks that overlap the closed range.</summary>
    /// <exception cref="TsdbCorruptionException">The entry is damaged.</exception>
    public void ReadSeries(uint series, SeriesEntry into, long minMs, long maxMs, bool withChunks = true)
    {
        long offset = OffsetOf(series);
        try
        {
            ReadOnlySpan<byte> bytes = _file.SliceFrom(offset, SeriesGuessBytes).Span;
            if (!SeriesEntry.TryGetBody(bytes, out ReadOnlySpan<byte> body, out long needed))
            {
                if (needed == 0 || needed > _file.Length - offset)
                    TsdbCorruptionException.Throw(0, "index: a series entry runs over the end of the file");
                SeriesEntry.TryGetBody(_file.Slice(offset, needed).Span, out body, out _);
            }

            into.Decode(body, minMs, maxMs, withChunks);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(Path, offset);
        }
    }

    /// <exception cref="TsdbCorruptionException">A label refers to no symbol.</exception>
    public Labels LabelsOf(SeriesEntry entry, LabelsBuilder scratch)
    {
        try
        {
            return entry.ToLabels(Symbols, scratch);
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(Path, Toc.Symbols);
        }
    }

    /// <summary>Label names of the matching series, ascending by bytes; without matchers those of all series.</summary>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers)
    {
        if (matchers.Count == 0) return Postings.LabelNames;
        var references = new HashSet<uint>();
        var entry = new SeriesEntry();
        foreach (uint series in Select(matchers))
        {
            ReadSeries(series, entry, 0, 0, withChunks: false);
            foreach (LabelRef label in entry.Labels) references.Add(label.Name);
        }

        return Texts(references);
    }

    /// <summary>Values of one label over the matching series, ascending by bytes; without matchers those of all series.</summary>
    /// <param name="limit">At most this many; 0 = all.</param>
    public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, long limit = 0)
    {
        var values = new List<string>();
        uint[]? selected = matchers.Count == 0 ? null : Select(matchers);
        // Few series: read their labels. Many: look which of the label's lists meet them.
        if (selected is not null && selected.Length < Postings.CountOf(name)) return ValuesOf(name, selected, limit);
        PostingsOffsetTable.Cursor cursor = Postings.Entries(name);
        while ((limit <= 0 || values.Count < limit) && cursor.MoveNext())
        {
            if (selected is not null && !PostingsSets.Overlaps(selected, ReadPostings(cursor.Range))) continue;
            values.Add(Encoding.UTF8.GetString(cursor.Value.Span));
        }

        return values;
    }

    public void Dispose() => _file.Dispose();

    private List<string> ValuesOf(string name, uint[] selected, long limit)
    {
        if (!Symbols.TryFind(Encoding.UTF8.GetBytes(name), out uint nameRef)) return [];
        var references = new HashSet<uint>();
        var entry = new SeriesEntry();
        foreach (uint series in selected)
        {
            ReadSeries(series, entry, 0, 0, withChunks: false);
            foreach (LabelRef label in entry.Labels)
                if (label.Name == nameRef) references.Add(label.Value);
        }

        List<string> values = Texts(references);
        if (limit > 0 && values.Count > limit) values.RemoveRange((int)limit, values.Count - (int)limit);
        return values;
    }

    /// <summary>Symbols are sorted, so the order of references is the order of bytes.</summary>
    private List<string> Texts(HashSet<uint> references)
    {
        uint[] sorted = [.. references];
        Array.Sort(sorted);
        return At(Toc.Symbols, () => sorted.Select(r => Encoding.UTF8.GetString(Symbols.Lookup(r))).ToList());
    }

    /// <summary>The bytes of the section at an offset, or as many as there are when it claims to be longer.</summary>
    private ReadOnlyMemory<byte> Section(long offset, long end)
    {
        if (offset < IndexHeader.SizeBytes || offset > end - sizeof(uint))
            TsdbCorruptionException.Throw(0, $"index: a section starts at {offset} of {end} bytes");
        long length = IndexSection.OverheadBytes + (long)BinaryPrimitives.ReadUInt32BigEndian(_file.Slice(offset, sizeof(uint)).Span);
        return _file.Slice(offset, Math.Min(end - offset, length));
    }

    /// <summary>Names file and place in the error of a pure parser.</summary>
    private T At<T>(long offset, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (TsdbCorruptionException e) when (e.Path.Length == 0)
        {
            throw e.In(Path, offset);
        }
    }
}
