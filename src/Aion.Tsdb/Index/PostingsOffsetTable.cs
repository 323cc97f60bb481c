using System.Runtime.InteropServices;
using System.Text;

namespace Aion.Tsdb;

/// <summary>
/// Finds the postings list of a label pair. Only every 32nd entry's position is held in memory; the entries stay in the table's bytes.
/// (A version 1 table is unsorted; it is sorted into bytes of its own.) Thread-safe; valid as long as the bytes are.
/// </summary>
public sealed class PostingsOffsetTable
{
    /// <summary>Default distance of the entries whose position is held in memory.</summary>
    public const int DefaultSampling = 32;

    /// <summary>Length field in front of a list, and the checksum behind one.</summary>
    private const int ListMargin = sizeof(uint);

    private readonly ReadOnlyMemory<byte> _body;
    private readonly long _tableOffset;
    private readonly bool _hasEnds;
    private readonly Dictionary<string, Name> _byName = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    private PostingsOffsetTable(ReadOnlyMemory<byte> body, long tableOffset, bool hasEnds)
    {
        _body = body;
        _tableOffset = tableOffset;
        _hasEnds = hasEnds;
    }

    /// <summary>All label names in byte order, without the empty one that stands for all series.</summary>
    public IReadOnlyList<string> LabelNames => _names;

    /// <summary>The list of all series; not found when the table has none.</summary>
    public PostingsRange All => Find("", []);

    /// <param name="section">From the section's length field on; more may follow.</param>
    /// <param name="indexVersion">1, 2 or 3.</param>
    /// <param name="sectionOffset">Where the table starts in the index file: the last list ends there.</param>
    /// <param name="sampling">One entry in this many is held in memory.</param>
    /// <exception cref="TsdbCorruptionException">Checksum or entries do not fit, or the table is out of order.</exception>
    public static PostingsOffsetTable Parse(
        ReadOnlyMemory<byte> section, int indexVersion, long sectionOffset, int sampling = DefaultSampling)
    {
        ReadOnlyMemory<byte> body = IndexSection.Body(section, "the postings offset table");
        bool unsorted = indexVersion == 1;
        if (unsorted) body = UnsortedPostingsOffsets.Sort(body.Span, sectionOffset);
        var table = new PostingsOffsetTable(body, sectionOffset, unsorted);
        table.Sample(sampling);
        return table;
    }

    /// <summary>How many values a name has.</summary>
    public int CountOf(string name) => _byName.TryGetValue(name, out Name? entries) ? entries.Count : 0;

    /// <summary>The list of one pair, or <see cref="PostingsRange.NotFound"/>.</summary>
    /// <exception cref="TsdbCorruptionException">The list would end before it starts.</exception>
    public PostingsRange Find(string name, ReadOnlySpan<byte> value)
    {
        Cursor cursor = Entries(name);
        return cursor.MoveTo(value) && cursor.Value.Span.SequenceEqual(value) ? cursor.Range : PostingsRange.NotFound;
    }

    public PostingsRange Find(string name, string value) => Find(name, Encoding.UTF8.GetBytes(value));

    /// <summary>Walks the pairs of one name, values ascending by bytes.</summary>
    public Cursor Entries(string name) => new(this, name, _byName.GetValueOrDefault(name));

    private void Sample(int sampling)
    {
        ReadOnlySpan<byte> body = _body.Span;
        var cursor = new ByteCursor(body);
        uint count = cursor.ReadUInt32();
        ReadOnlySpan<byte> lastName = default, lastValue = default;
        Name? current = null;
        for (uint i = 0; i < count; i++)
        {
            int start = cursor.Position;
            ulong tag = cursor.ReadUVarint();
            ReadOnlySpan<byte> name = cursor.ReadText();
            int prefix = cursor.Position - start;
            ReadOnlySpan<byte> value = cursor.ReadText();
            cursor.ReadUVarint();
            if (_hasEnds) cursor.ReadUVarint();
            if (cursor.Failed || tag != 2)
                TsdbCorruptionException.Throw(start, $"index: entry {i} of {count} of the postings offset table is damaged");
            int order = current is null ? -1 : lastName.SequenceCompareTo(name);
            if (order > 0 || (order == 0 && lastValue.SequenceCompareTo(value) >= 0))
                TsdbCorruptionException.Throw(start, $"index: entry {i} of the postings offset table is out of order");
            if (order < 0) current = AddName(name, prefix, i);
            if (current!.Count++ % sampling == 0) current.Sampled.Add(start);
            current.End = cursor.Position;
            lastName = name;
            lastValue = value;
        }
    }

    private Name AddName(ReadOnlySpan<byte> utf8, int prefix, uint entry)
    {
        string name = Encoding.UTF8.GetString(utf8);
        var added = new Name { Prefix = prefix };
        if (!_byName.TryAdd(name, added)) TsdbCorruptionException.Throw(0, $"index: entry {entry}: label name {name} is there twice");
        if (name.Length > 0) _names.Add(name);
        return added;
    }

    private ReadOnlyMemory<byte> ReadEntry(int position, int prefix, out long offset, out int next)
    {
        var cursor = new ByteCursor(_body.Span, position + prefix);
        ReadOnlySpan<byte> text = cursor.ReadText();
        ReadOnlyMemory<byte> value = _body.Slice(cursor.Position - text.Length, text.Length);
        offset = (long)cursor.ReadUVarint();
        next = cursor.Position;
        return value;
    }

    private PostingsRange RangeOf(long offset, int next)
    {
        long end = _tableOffset;
        var cursor = new ByteCursor(_body.Span, next);
        if (_hasEnds)
        {
            end = (long)cursor.ReadUVarint();
        }
        else if (next < _body.Length)
        {
            cursor.ReadUVarint();
            cursor.ReadText();
            cursor.ReadText();
            end = (long)cursor.ReadUVarint();
        }

        var range = new PostingsRange(unchecked(offset + ListMargin), end - ListMargin);
        if (range.Start < IndexHeader.SizeBytes || range.End - range.Start < sizeof(uint) || range.End > _tableOffset)
            TsdbCorruptionException.Throw(next, $"index: the postings offset table has a list at [{range.Start}, {range.End})");
        return range;
    }

    /// <summary>Walks pairs of one name. Not thread-safe: make one for each walk.</summary>
    public struct Cursor
    {
        private readonly PostingsOffsetTable _table;
        private readonly string _name;
        private readonly Name? _entries;
        private int _position;
        private int _next;
        private long _offset;

        internal Cursor(PostingsOffsetTable table, string name, Name? entries)
        {
            _table = table;
            _name = name;
            _entries = entries;
            _position = -1;
            _next = entries?.Sampled[0] ?? 0;
        }

        public ReadOnlyMemory<byte> Value { get; private set; }

        /// <exception cref="TsdbCorruptionException">The list would end before it starts.</exception>
        public readonly PostingsRange Range => _table.RangeOf(_offset, _next);

        public readonly PostingsEntry Entry => new(_name, Value, Range);

        public bool MoveNext()
        {
            if (_entries is null || _next >= _entries.End) return false;
            if (_position >= 0 && _table._hasEnds)
            {
                // Between entries stands the end of the list before.
                var skip = new ByteCursor(_table._body.Span, _next);
                skip.ReadUVarint();
                _next = skip.Position;
                if (_next >= _entries.End) return false;
            }

            _position = _next;
            Value = _table.ReadEntry(_position, _entries.Prefix, out _offset, out _next);
            return true;
        }

        /// <summary>
        /// Goes forward to the first value not below the one asked, which may be the current one. False when there is none.
        /// </summary>
        public bool MoveTo(ReadOnlySpan<byte> value)
        {
            if (_entries is null) return false;
            if (_position >= 0 && Value.Span.SequenceCompareTo(value) >= 0) return true;
            int jump = _entries.SampleBefore(_table, value);
            if (jump > _position)
            {
                _position = jump;
                Value = _table.ReadEntry(jump, _entries.Prefix, out _offset, out _next);
                if (Value.Span.SequenceCompareTo(value) >= 0) return true;
            }

            while (MoveNext())
                if (Value.Span.SequenceCompareTo(value) >= 0) return true;
            return false;
        }
    }

    /// <summary>Where the entries of one name lie in the body.</summary>
    internal sealed class Name
    {
        /// <summary>Bytes in front of the value in each entry of this name.</summary>
        public int Prefix { get; init; }

        public int Count { get; set; }

        public int End { get; set; }

        public List<int> Sampled { get; } = [];

        /// <summary>The last sampled entry whose value is not above the one asked; the first one when all are.</summary>
        public int SampleBefore(PostingsOffsetTable table, ReadOnlySpan<byte> value)
        {
            ReadOnlySpan<int> sampled = CollectionsMarshal.AsSpan(Sampled);
            int low = 0, high = sampled.Length - 1, found = 0;
            while (low <= high)
            {
                int middle = (low + high) >>> 1;
                if (table.ReadEntry(sampled[middle], Prefix, out _, out _).Span.SequenceCompareTo(value) <= 0)
                {
                    found = middle;
                    low = middle + 1;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return sampled[found];
        }
    }
}
