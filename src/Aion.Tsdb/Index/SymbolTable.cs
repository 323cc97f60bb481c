using System.Numerics;

namespace Aion.Tsdb;

/// <summary>
/// The strings of an index. Only every 32nd position is held in memory; the strings stay where they are (mapped file or fetched bytes).
/// Thread-safe; valid as long as the bytes are.
/// </summary>
public sealed class SymbolTable
{
    private const int Sampling = 32;
    private const int RecentSlots = 1024;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly int[] _sampled;
    private readonly bool _byOffset;
    private readonly long _bodyOffset;

    // Positions looked up lately, by reference: reference + 1 in the upper half, position in the lower. Neighbouring series share most
    // labels.
    private readonly ulong[] _recent;

    private SymbolTable(ReadOnlyMemory<byte> body, int count, int[] sampled, bool byOffset, long bodyOffset)
    {
        _body = body;
        Count = count;
        _sampled = sampled;
        _byOffset = byOffset;
        _bodyOffset = bodyOffset;
        // A small block pays for what it has: a store may hold many thousands.
        _recent = new ulong[Math.Min(RecentSlots, BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, count)))];
    }

    public int Count { get; }

    /// <param name="section">From the section's length field on; more may follow.</param>
    /// <param name="indexVersion">1: references are byte offsets in the index; later: ordinals.</param>
    /// <param name="sectionOffset">Where the section starts in the index file, whatever file the bytes come from.</param>
    /// <exception cref="TsdbCorruptionException">Checksum or lengths do not fit.</exception>
    public static SymbolTable Parse(ReadOnlyMemory<byte> section, int indexVersion, long sectionOffset)
    {
        ReadOnlyMemory<byte> body = IndexSection.Body(section, "the symbol table");
        var cursor = new ByteCursor(body.Span);
        uint count = cursor.ReadUInt32();
        // A symbol takes one byte at least.
        if (cursor.Failed || count > cursor.Remaining)
            TsdbCorruptionException.Throw(sizeof(uint), $"index: {count} symbols do not fit in {body.Length} bytes");
        var sampled = new int[(count + Sampling - 1) / Sampling];
        for (var i = 0; i < count; i++)
        {
            if (i % Sampling == 0) sampled[i / Sampling] = cursor.Position;
            cursor.ReadText();
            if (cursor.Failed) TsdbCorruptionException.Throw(sizeof(uint) + cursor.Position, $"index: symbol {i} of {count} is cut off");
        }

        return new SymbolTable(body, (int)count, sampled, indexVersion == 1, sectionOffset + sizeof(uint));
    }

    /// <summary>The string behind a reference. The span points into the table's bytes.</summary>
    /// <exception cref="TsdbCorruptionException">No symbol has this reference.</exception>
    public ReadOnlySpan<byte> Lookup(uint reference)
    {
        ReadOnlySpan<byte> body = _body.Span;
        if (_byOffset)
        {
            long at = reference - _bodyOffset;
            var single = new ByteCursor(body, at is >= sizeof(uint) and < int.MaxValue ? (int)at : int.MaxValue);
            ReadOnlySpan<byte> text = single.ReadText();
            if (single.Failed) TsdbCorruptionException.Throw(reference, $"index: no symbol at offset {reference}");
            return text;
        }

        if (reference >= Count) TsdbCorruptionException.Throw(0, $"index: symbol {reference} of {Count}");
        int position = PositionOf(reference, body);
        byte length = body[position];
        return length < 0x80 ? body.Slice(position + 1, length) : new ByteCursor(body, position).ReadText();
    }

    /// <summary>The reference of a string, by binary search; the table is sorted by bytes.</summary>
    public bool TryFind(ReadOnlySpan<byte> symbol, out uint reference)
    {
        reference = 0;
        ReadOnlySpan<byte> body = _body.Span;
        int low = 0, high = _sampled.Length - 1, group = -1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (new ByteCursor(body, _sampled[middle]).ReadText().SequenceCompareTo(symbol) <= 0)
            {
                group = middle;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        if (group < 0) return false;
        var cursor = new ByteCursor(body, _sampled[group]);
        int end = Math.Min(Count, (group + 1) * Sampling);
        for (int i = group * Sampling; i < end; i++)
        {
            int at = cursor.Position;
            int order = cursor.ReadText().SequenceCompareTo(symbol);
            if (order > 0) return false;
            if (order < 0) continue;
            reference = _byOffset ? (uint)(at + _bodyOffset) : (uint)i;
            return true;
        }

        return false;
    }

    private int PositionOf(uint reference, ReadOnlySpan<byte> body)
    {
        ref ulong slot = ref _recent[reference & (uint)(_recent.Length - 1)];
        ulong seen = Volatile.Read(ref slot);
        if (seen >> 32 == reference + 1UL) return (int)(uint)seen;
        int position = _sampled[reference / Sampling];
        for (uint skip = reference % Sampling; skip > 0; skip--) position = After(body, position);
        Volatile.Write(ref slot, (reference + 1UL) << 32 | (uint)position);
        return position;
    }

    /// <summary>Where the next symbol starts. Parsing has shown that all of them are whole.</summary>
    private static int After(ReadOnlySpan<byte> body, int position)
    {
        byte length = body[position];
        if (length < 0x80) return position + 1 + length;
        var cursor = new ByteCursor(body, position);
        cursor.ReadText();
        return cursor.Position;
    }

    /// <summary>All strings in file order; valid while the table's bytes are.</summary>
    public Enumerator GetEnumerator() => new(_body.Span, Count);

    /// <summary>Walks the symbols in order, with the reference of each; for walks side by side.</summary>
    public Cursor Walk() => new(this);

    /// <summary>A place in the table. Valid while the table's bytes are.</summary>
    public sealed class Cursor
    {
        private readonly SymbolTable _table;
        private int _position = sizeof(uint);
        private int _next;

        internal Cursor(SymbolTable table) => _table = table;

        public ReadOnlyMemory<byte> Current { get; private set; }

        public uint Reference { get; private set; }

        public bool MoveNext()
        {
            if (_next >= _table.Count) return false;
            var cursor = new ByteCursor(_table._body.Span, _position);
            int length = cursor.ReadText().Length;
            Reference = _table._byOffset ? (uint)(_position + _table._bodyOffset) : (uint)_next;
            _position = cursor.Position;
            Current = _table._body.Slice(_position - length, length);
            _next++;
            return true;
        }
    }

    public ref struct Enumerator
    {
        private ByteCursor _cursor;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> body, int count)
        {
            _cursor = new ByteCursor(body, sizeof(uint));
            _left = count;
            Current = default;
        }

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_left-- <= 0) return false;
            Current = _cursor.ReadText();
            return true;
        }
    }
}
