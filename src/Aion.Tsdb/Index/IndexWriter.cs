using Aion.Model;

namespace Aion.Tsdb;

/// <summary>
/// Writes a version 2 index forward: all symbols, then the series in label order, then <see cref="Complete"/>. Not thread-safe.
/// Holds the symbols and the postings in memory.
/// </summary>
public sealed class IndexWriter : IDisposable
{
    private const byte Version = 2;
    private const int SeriesAlignment = 16;
    private const int PostingsAlignment = 4;

    private readonly ChecksummedWriter _output;
    private readonly List<byte[]> _symbols = [];
    private readonly Dictionary<byte[], uint> _references = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> _referenceOf;

    // Series of each label pair; key: name symbol in the upper half, value symbol in the lower, so that keys sort as the pairs do.
    private readonly Dictionary<ulong, List<uint>> _postings = [];
    private readonly List<uint> _all = [];
    private readonly MemoryStream _scratch = new();
    private Labels? _lastLabels;
    private ulong _lastChunkRef;
    private long _seriesStart;

    private IndexWriter(Stream stream)
    {
        _output = new ChecksummedWriter(stream);
        _referenceOf = _references.GetAlternateLookup<ReadOnlySpan<byte>>();
        _output.WriteUInt32(IndexHeader.Magic);
        _output.WriteByte(Version);
    }

    public int SeriesCount => _all.Count;

    /// <summary>Creates the file, which must not exist.</summary>
    public static IndexWriter Create(string path) =>
        new(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0));

    /// <summary>Adds a string that labels will use; ascending by bytes, before the first series.</summary>
    /// <exception cref="InvalidOperationException">Out of order, or series were written already.</exception>
    public void AddSymbol(ReadOnlySpan<byte> symbol)
    {
        if (_seriesStart != 0) throw new InvalidOperationException("index: symbols come before series");
        if (_symbols.Count > 0 && symbol.SequenceCompareTo(_symbols[^1]) <= 0)
            throw new InvalidOperationException("index: symbols must ascend");
        byte[] copy = symbol.ToArray();
        _references.Add(copy, (uint)_symbols.Count);
        _symbols.Add(copy);
    }

    /// <summary>Adds a series and returns its id.</summary>
    /// <exception cref="InvalidOperationException">
    /// The labels do not come after the last series', a label is no symbol, chunks overlap or end before they start, or chunk references
    /// fall.
    /// </exception>
    public uint AddSeries(Labels labels, IReadOnlyList<ChunkMeta> chunks)
    {
        if (_lastLabels is not null && labels.CompareTo(_lastLabels) <= 0)
            throw new InvalidOperationException($"index: series {labels} does not come after {_lastLabels}");
        if (_seriesStart == 0) WriteSymbols();
        WriteBody(labels, chunks);
        _output.PadTo(SeriesAlignment);
        long id = _output.Position / SeriesAlignment;
        if (id > uint.MaxValue) throw new InvalidOperationException("index: larger than 64 GiB");
        ReadOnlySpan<byte> body = _scratch.GetBuffer().AsSpan(0, (int)_scratch.Length);
        _output.WriteUVarint((ulong)body.Length);
        _output.StartChecksum();
        _output.Write(body);
        _output.WriteChecksum();
        AddPostings(labels, (uint)id);
        _lastLabels = labels;
        return (uint)id;
    }

    /// <summary>Writes postings, their table and the table of contents, and hands the file to the disk.</summary>
    public void Complete()
    {
        if (_seriesStart == 0) WriteSymbols();
        long afterSeries = _output.Position;
        var table = new List<(ulong Pair, long Offset)>();
        long allOffset = WriteList(_all);
        foreach (ulong pair in _postings.Keys.Order()) table.Add((pair, WriteList(_postings[pair])));
        long tableOffset = _output.Position;
        WriteTable(allOffset, table);
        Span<byte> toc = stackalloc byte[IndexToc.SizeBytes];
        new IndexToc(IndexHeader.SizeBytes, _seriesStart, afterSeries, tableOffset, afterSeries, tableOffset).Write(toc);
        _output.Write(toc);
        _output.FlushToDisk();
    }

    public void Dispose()
    {
        _output.Dispose();
        _scratch.Dispose();
    }

    private void WriteSymbols()
    {
        long length = sizeof(uint);
        foreach (byte[] symbol in _symbols) length += Varint.SizeOf((ulong)symbol.Length) + symbol.Length;
        if (length > uint.MaxValue) throw new InvalidOperationException("index: the symbols take more than 4 GiB");
        _output.WriteUInt32((uint)length);
        _output.StartChecksum();
        _output.WriteUInt32((uint)_symbols.Count);
        foreach (byte[] symbol in _symbols) _output.WriteText(symbol);
        _output.WriteChecksum();
        _seriesStart = _output.Position;
    }

    private void WriteBody(Labels labels, IReadOnlyList<ChunkMeta> chunks)
    {
        _scratch.SetLength(0);
        Span<byte> number = stackalloc byte[Varint.MaxBytes];
        _scratch.Write(number[..Varint.WriteUVarint(number, (ulong)labels.Count)]);
        foreach (var label in labels)
        {
            _scratch.Write(number[..Varint.WriteUVarint(number, ReferenceOf(label.Name))]);
            _scratch.Write(number[..Varint.WriteUVarint(number, ReferenceOf(label.Value))]);
        }

        _scratch.Write(number[..Varint.WriteUVarint(number, (ulong)chunks.Count)]);
        for (var i = 0; i < chunks.Count; i++)
        {
            ChunkMeta chunk = chunks[i];
            if (chunk.Ref < _lastChunkRef)
                throw new InvalidOperationException($"index: chunk reference {chunk.Ref} of {labels} does not come after {_lastChunkRef}");
            if (chunk.MaxTimeMs < chunk.MinTimeMs || (i > 0 && chunk.MinTimeMs <= chunks[i - 1].MaxTimeMs))
                throw new InvalidOperationException(
                    $"index: chunk [{chunk.MinTimeMs}, {chunk.MaxTimeMs}] of {labels} overlaps or ends before it starts");
            _scratch.Write(i == 0
                ? number[..Varint.WriteVarint(number, chunk.MinTimeMs)]
                : number[..Varint.WriteUVarint(number, unchecked((ulong)(chunk.MinTimeMs - chunks[i - 1].MaxTimeMs)))]);
            _scratch.Write(number[..Varint.WriteUVarint(number, unchecked((ulong)(chunk.MaxTimeMs - chunk.MinTimeMs)))]);
            _scratch.Write(i == 0
                ? number[..Varint.WriteUVarint(number, chunk.Ref)]
                : number[..Varint.WriteVarint(number, unchecked((long)(chunk.Ref - chunks[i - 1].Ref)))]);
            _lastChunkRef = chunk.Ref;
        }
    }

    private uint ReferenceOf(ReadOnlySpan<byte> symbol) => _referenceOf.TryGetValue(symbol, out uint reference)
        ? reference
        : throw new InvalidOperationException($"index: {System.Text.Encoding.UTF8.GetString(symbol)} was not added as a symbol");

    private void AddPostings(Labels labels, uint id)
    {
        _all.Add(id);
        foreach (var label in labels)
        {
            ulong pair = (ulong)ReferenceOf(label.Name) << 32 | ReferenceOf(label.Value);
            if (!_postings.TryGetValue(pair, out List<uint>? ids)) _postings.Add(pair, ids = []);
            ids.Add(id);
        }
    }

    private long WriteList(List<uint> ids)
    {
        _output.PadTo(PostingsAlignment);
        long offset = _output.Position;
        long length = sizeof(uint) * (1L + ids.Count);
        if (length > uint.MaxValue)
            throw new InvalidOperationException($"index: a postings list of {ids.Count} series is larger than 4 GiB");
        _output.WriteUInt32((uint)length);
        _output.StartChecksum();
        _output.WriteUInt32((uint)ids.Count);
        foreach (uint id in ids) _output.WriteUInt32(id);
        _output.WriteChecksum();
        return offset;
    }

    private void WriteTable(long allOffset, List<(ulong Pair, long Offset)> entries)
    {
        // The length comes first: sum it up before writing.
        long length = sizeof(uint) + EntrySize([], [], allOffset);
        foreach (var (pair, offset) in entries) length += EntrySize(_symbols[(int)(pair >> 32)], _symbols[(int)(uint)pair], offset);
        if (length > uint.MaxValue) throw new InvalidOperationException("index: the postings offset table is larger than 4 GiB");
        _output.WriteUInt32((uint)length);
        _output.StartChecksum();
        _output.WriteUInt32((uint)entries.Count + 1);
        WriteEntry([], [], allOffset);
        foreach (var (pair, offset) in entries) WriteEntry(_symbols[(int)(pair >> 32)], _symbols[(int)(uint)pair], offset);
        _output.WriteChecksum();
    }

    private static long EntrySize(byte[] name, byte[] value, long offset) =>
        1 + Varint.SizeOf((ulong)name.Length) + name.Length + Varint.SizeOf((ulong)value.Length) + value.Length + Varint.SizeOf((ulong)offset);

    private void WriteEntry(byte[] name, byte[] value, long offset)
    {
        _output.WriteUVarint(2);
        _output.WriteText(name);
        _output.WriteText(value);
        _output.WriteUVarint((ulong)offset);
    }
}
