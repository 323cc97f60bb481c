using System.Buffers.Binary;
using Aion.Model;

namespace Aion.Tsdb;

/// <summary>
/// Writes a version 2 index forward: all symbols, then the series in label order, then <see cref="Complete"/>. Not thread-safe.
/// Symbols go straight to the file and postings are spilled, so memory does not follow the size of the index, beside four bytes a series.
/// </summary>
public sealed class IndexWriter : IDisposable
{
    /// <summary>What postings may take in memory before they are spilled.</summary>
    public const long DefaultPostingsBytes = 64L << 20;

    private const byte Version = 2;
    private const int SeriesAlignment = 16;
    private const int PostingsAlignment = 4;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly ChecksummedWriter _output;
    private readonly PostingsSpool _postings;
    private readonly SpillBuffer _table;
    private readonly List<uint> _all = [];
    private readonly Dictionary<byte[], uint> _references = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> _referenceOf;
    private byte[] _lastSymbol = [];
    private uint _symbolCount;
    private MappedFile? _mapped;
    private SymbolTable? _symbols;
    private byte[] _body = new byte[1024];
    private LabelRef[] _lastLabels = [];
    private LabelRef[] _labels = [];
    private ulong _lastChunkRef;
    private long _seriesStart;

    private IndexWriter(string path, long postingsBytes)
    {
        _path = path;
        // Its symbols are read back while it is written.
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _output = new ChecksummedWriter(_file);
        _postings = new PostingsSpool(path + ".postings", postingsBytes);
        _table = new SpillBuffer(path + ".table");
        _referenceOf = _references.GetAlternateLookup<ReadOnlySpan<byte>>();
        _output.WriteUInt32(IndexHeader.Magic);
        _output.WriteByte(Version);
        // Length and count of the symbols are known later.
        _output.WriteUInt32(0);
        _output.WriteUInt32(0);
    }

    public int SeriesCount => _all.Count;

    /// <summary>Bytes written so far.</summary>
    public long Position => _output.Position;

    /// <summary>Creates the file, which must not exist; spill files lie beside it until the writer is disposed.</summary>
    public static IndexWriter Create(string path, long postingsBytes = DefaultPostingsBytes) => new(path, postingsBytes);

    /// <summary>Adds a string that labels will use; ascending by bytes, before the first series.</summary>
    /// <exception cref="InvalidOperationException">Out of order, or series were written already.</exception>
    public void AddSymbol(ReadOnlySpan<byte> symbol)
    {
        if (_seriesStart != 0) throw new InvalidOperationException("index: symbols come before series");
        if (_symbolCount > 0 && symbol.SequenceCompareTo(_lastSymbol) <= 0)
            throw new InvalidOperationException("index: symbols must ascend");
        if (_symbolCount == int.MaxValue || _output.Position + symbol.Length > int.MaxValue)
            throw new InvalidOperationException("index: the symbols take more than 2 GiB");
        _output.WriteText(symbol);
        _lastSymbol = symbol.ToArray();
        _symbolCount++;
    }

    /// <summary>Adds a series and returns its id.</summary>
    /// <exception cref="InvalidOperationException">
    /// The labels do not come after the last series', a label is no symbol, chunks overlap or end before they start, or chunk references
    /// fall.
    /// </exception>
    public uint AddSeries(Labels labels, IReadOnlyList<ChunkMeta> chunks)
    {
        EndSymbols();
        var count = 0;
        foreach (var label in labels)
        {
            if (count == _labels.Length) Array.Resize(ref _labels, Math.Max(16, count * 2));
            _labels[count++] = new LabelRef(ReferenceOf(label.Name), ReferenceOf(label.Value));
        }

        return AddSeries(_labels.AsSpan(0, count), chunks as ChunkMeta[] ?? [.. chunks]);
    }

    /// <summary>Adds a series by the ordinals of its symbols, in the order of their names.</summary>
    /// <inheritdoc cref="AddSeries(Labels, IReadOnlyList{ChunkMeta})"/>
    public uint AddSeries(ReadOnlySpan<LabelRef> labels, ReadOnlySpan<ChunkMeta> chunks)
    {
        EndSymbols();
        if (_all.Count > 0 && LabelRef.Compare(labels, _lastLabels) <= 0)
            throw new InvalidOperationException($"index: series {TextOf(labels)} does not come after {TextOf(_lastLabels)}");
        int length = WriteBody(labels, chunks);
        _output.PadTo(SeriesAlignment);
        long id = _output.Position / SeriesAlignment;
        if (id > uint.MaxValue) throw new InvalidOperationException("index: larger than 64 GiB");
        _output.WriteUVarint((ulong)length);
        _output.StartChecksum();
        _output.Write(_body.AsSpan(0, length));
        _output.WriteChecksum();
        _all.Add((uint)id);
        foreach (LabelRef label in labels) _postings.Add(label.Key, (uint)id);
        if (_lastLabels.Length != labels.Length) _lastLabels = new LabelRef[labels.Length];
        labels.CopyTo(_lastLabels);
        return (uint)id;
    }

    /// <summary>Writes postings, their table and the table of contents, and hands the file to the disk.</summary>
    public void Complete()
    {
        EndSymbols();
        long afterSeries = _output.Position;
        uint entries = WritePostings();
        long tableOffset = _output.Position;
        long length = sizeof(uint) + _table.Length;
        if (length > uint.MaxValue) throw new InvalidOperationException("index: the postings offset table is larger than 4 GiB");
        _output.WriteUInt32((uint)length);
        _output.StartChecksum();
        _output.WriteUInt32(entries);
        _table.CopyTo(_output);
        _output.WriteChecksum();
        Span<byte> toc = stackalloc byte[IndexToc.SizeBytes];
        new IndexToc(IndexHeader.SizeBytes, _seriesStart, afterSeries, tableOffset, afterSeries, tableOffset).Write(toc);
        _output.Write(toc);
        _output.FlushToDisk();
    }

    public void Dispose()
    {
        _mapped?.Dispose();
        _output.Dispose();
        _postings.Dispose();
        _table.Dispose();
    }

    /// <summary>Fills in what stands in front of the symbols, and reads them back: the table at the end needs their texts.</summary>
    private void EndSymbols()
    {
        if (_seriesStart != 0) return;
        long end = _output.Position;
        _output.Flush();
        Span<byte> head = stackalloc byte[2 * sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(head, (uint)(end - IndexHeader.SizeBytes - sizeof(uint)));
        BinaryPrimitives.WriteUInt32BigEndian(head[sizeof(uint)..], _symbolCount);
        RandomAccess.Write(_file.SafeFileHandle, head, IndexHeader.SizeBytes);
        _output.WriteUInt32(ChecksumOf(IndexHeader.SizeBytes + sizeof(uint), end));
        _output.Flush();
        _seriesStart = _output.Position;
        _mapped = MappedFile.Open(_path, FileShare.ReadWrite | FileShare.Delete);
        _symbols = SymbolTable.Parse(
            _mapped.Slice(IndexHeader.SizeBytes, _seriesStart - IndexHeader.SizeBytes), Version, IndexHeader.SizeBytes);
    }

    private uint ChecksumOf(long from, long to)
    {
        var piece = new byte[64 * 1024];
        uint checksum = 0;
        while (from < to)
        {
            int read = RandomAccess.Read(_file.SafeFileHandle, piece.AsSpan(0, (int)Math.Min(piece.Length, to - from)), from);
            if (read == 0) throw new IOException($"{_path}: cut off at {from} while it was written");
            checksum = Crc32C.Append(checksum, piece.AsSpan(0, read));
            from += read;
        }

        return checksum;
    }

    /// <returns>Length of the entry in the scratch buffer.</returns>
    private int WriteBody(ReadOnlySpan<LabelRef> labels, ReadOnlySpan<ChunkMeta> chunks)
    {
        int most = checked((2 + labels.Length * 2 + chunks.Length * 3) * Varint.MaxBytes);
        if (_body.Length < most) _body = new byte[Math.Max(most, _body.Length * 2)];
        Span<byte> body = _body;
        int at = Varint.WriteUVarint(body, (ulong)labels.Length);
        foreach (LabelRef label in labels)
        {
            if (label.Name >= _symbolCount || label.Value >= _symbolCount)
                throw new InvalidOperationException($"index: label {label.Name}={label.Value} of {_symbolCount} symbols");
            at += Varint.WriteUVarint(body[at..], label.Name);
            at += Varint.WriteUVarint(body[at..], label.Value);
        }

        at += Varint.WriteUVarint(body[at..], (ulong)chunks.Length);
        ChunkMeta before = default;
        for (var i = 0; i < chunks.Length; i++)
        {
            ChunkMeta chunk = chunks[i];
            if (chunk.Ref < _lastChunkRef)
                throw new InvalidOperationException($"index: chunk reference {chunk.Ref} of {TextOf(labels)} does not come after {_lastChunkRef}");
            if (chunk.MaxTimeMs < chunk.MinTimeMs || (i > 0 && chunk.MinTimeMs <= before.MaxTimeMs))
                throw new InvalidOperationException(
                    $"index: chunk [{chunk.MinTimeMs}, {chunk.MaxTimeMs}] of {TextOf(labels)} overlaps or ends before it starts");
            at += i == 0
                ? Varint.WriteVarint(body[at..], chunk.MinTimeMs)
                : Varint.WriteUVarint(body[at..], unchecked((ulong)(chunk.MinTimeMs - before.MaxTimeMs)));
            at += Varint.WriteUVarint(body[at..], unchecked((ulong)(chunk.MaxTimeMs - chunk.MinTimeMs)));
            at += i == 0
                ? Varint.WriteUVarint(body[at..], chunk.Ref)
                : Varint.WriteVarint(body[at..], unchecked((long)(chunk.Ref - before.Ref)));
            _lastChunkRef = chunk.Ref;
            before = chunk;
        }

        return at;
    }

    private uint ReferenceOf(ReadOnlySpan<byte> symbol)
    {
        if (_referenceOf.TryGetValue(symbol, out uint reference)) return reference;
        if (!_symbols!.TryFind(symbol, out reference))
            throw new InvalidOperationException($"index: {System.Text.Encoding.UTF8.GetString(symbol)} was not added as a symbol");
        _references.Add(symbol.ToArray(), reference);
        return reference;
    }

    private string TextOf(ReadOnlySpan<LabelRef> labels)
    {
        var builder = new LabelsBuilder();
        foreach (LabelRef label in labels) builder.Add(_symbols!.Lookup(label.Name), _symbols.Lookup(label.Value));
        return builder.ToLabels().ToString();
    }

    /// <summary>Writes all lists and collects the table's entries; returns how many.</summary>
    private uint WritePostings()
    {
        WriteEntry([], [], StartList(_all.Count));
        foreach (uint id in _all) _output.WriteUInt32(id);
        _output.WriteChecksum();
        uint entries = 1;
        Span<uint> ids = stackalloc uint[512];
        using PostingsSpool.Cursor cursor = _postings.Read();
        while (cursor.MoveNext())
        {
            long offset = StartList(cursor.Count);
            for (int read = cursor.ReadIds(ids); read > 0; read = cursor.ReadIds(ids))
                foreach (uint id in ids[..read]) _output.WriteUInt32(id);
            _output.WriteChecksum();
            var pair = new LabelRef((uint)(cursor.Pair >> 32), (uint)cursor.Pair);
            WriteEntry(_symbols!.Lookup(pair.Name), _symbols.Lookup(pair.Value), offset);
            entries = checked(entries + 1);
        }

        return entries;
    }

    private long StartList(long count)
    {
        _output.PadTo(PostingsAlignment);
        long offset = _output.Position;
        long length = sizeof(uint) * (1L + count);
        if (length > uint.MaxValue)
            throw new InvalidOperationException($"index: a postings list of {count} series is larger than 4 GiB");
        _output.WriteUInt32((uint)length);
        _output.StartChecksum();
        _output.WriteUInt32((uint)count);
        return offset;
    }

    private void WriteEntry(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long offset)
    {
        Span<byte> number = stackalloc byte[Varint.MaxBytes];
        _table.Write([2]);
        _table.Write(number[..Varint.WriteUVarint(number, (ulong)name.Length)]);
        _table.Write(name);
        _table.Write(number[..Varint.WriteUVarint(number, (ulong)value.Length)]);
        _table.Write(value);
        _table.Write(number[..Varint.WriteUVarint(number, (ulong)offset)]);
    }
}
