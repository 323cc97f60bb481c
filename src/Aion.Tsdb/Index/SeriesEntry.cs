using System.Runtime.InteropServices;
using Aion.Model;

namespace Aion.Tsdb;

/// <summary>Where a chunk lies and the closed range of time it covers.</summary>
/// <param name="Ref">Upper half: position of the segment file, from 0; lower half: byte offset in it.</param>
public readonly record struct ChunkMeta(long MinTimeMs, long MaxTimeMs, ulong Ref)
{
    public int Segment => (int)(Ref >> 32);

    public uint Offset => (uint)Ref;

    public static ulong RefOf(int segment, long offset) => (ulong)segment << 32 | (uint)offset;
}

/// <summary>A label pair by its symbols. Symbols are sorted, so references of one table compare as their texts do.</summary>
public readonly record struct LabelRef(uint Name, uint Value)
{
    /// <summary>Sorts as the pair does.</summary>
    public ulong Key => (ulong)Name << 32 | Value;

    /// <summary>The order of label sets: pair by pair, a prefix first.</summary>
    public static int Compare(ReadOnlySpan<LabelRef> a, ReadOnlySpan<LabelRef> b)
    {
        int common = Math.Min(a.Length, b.Length);
        for (var i = 0; i < common; i++)
            if (a[i] != b[i]) return a[i].Key.CompareTo(b[i].Key);
        return a.Length.CompareTo(b.Length);
    }
}

/// <summary>Labels (by symbol) and chunks of one series, as decoded from the index. Reusable; not thread-safe.</summary>
public sealed class SeriesEntry
{
    private const int MaxLengthBytes = 10;

    private readonly List<LabelRef> _labels = [];
    private readonly List<ChunkMeta> _chunks = [];

    /// <summary>Sorted by name, as stored.</summary>
    public IReadOnlyList<LabelRef> Labels => _labels;

    /// <summary>The same without an interface call a label; valid until the next entry is decoded.</summary>
    public ReadOnlySpan<LabelRef> LabelSpan => CollectionsMarshal.AsSpan(_labels);

    /// <inheritdoc cref="LabelSpan"/>
    public ReadOnlySpan<ChunkMeta> ChunkSpan => CollectionsMarshal.AsSpan(_chunks);

    /// <summary>In time order, only those that were asked for.</summary>
    public IReadOnlyList<ChunkMeta> Chunks => _chunks;

    /// <summary>
    /// Finds the body of the entry that starts the bytes, and checks its checksum. Returns false when the bytes end before the entry
    /// does; <paramref name="entryBytes"/> then says how many it takes (0 when not even its length can be read).
    /// </summary>
    /// <exception cref="TsdbCorruptionException">The checksum or the length can't be right.</exception>
    public static bool TryGetBody(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body, out long entryBytes)
    {
        body = default;
        entryBytes = 0;
        var cursor = new ByteCursor(bytes);
        ulong length = cursor.ReadUVarint();
        if (cursor.Failed)
        {
            if (bytes.Length >= MaxLengthBytes) TsdbCorruptionException.Throw(0, "index: the length of a series entry is no number");
            return false;
        }

        if (length > int.MaxValue / 2) TsdbCorruptionException.Throw(0, $"index: a series entry of {length} bytes");
        entryBytes = cursor.Position + (long)length + sizeof(uint);
        if (entryBytes > bytes.Length) return false;
        body = cursor.ReadBytes((int)length);
        if (Crc32C.Compute(body) != cursor.ReadUInt32()) TsdbCorruptionException.Throw(0, "index: checksum of a series entry does not fit");
        return true;
    }

    /// <summary>Decodes a body, keeping the chunks that overlap the closed range <c>[minMs, maxMs]</c>.</summary>
    /// <param name="body">Without length and checksum.</param>
    /// <param name="withChunks">False: labels only.</param>
    /// <exception cref="TsdbCorruptionException">The body ends early.</exception>
    public void Decode(ReadOnlySpan<byte> body, long minMs, long maxMs, bool withChunks = true)
    {
        _labels.Clear();
        _chunks.Clear();
        var cursor = new ByteCursor(body);
        for (ulong left = cursor.ReadUVarint(); left > 0 && !cursor.Failed; left--)
            _labels.Add(new LabelRef(cursor.ReadUVarint32(), cursor.ReadUVarint32()));
        if (withChunks) DecodeChunks(ref cursor, minMs, maxMs);
        if (cursor.Failed) TsdbCorruptionException.Throw(cursor.Position, "index: a series entry is cut off");
    }

    /// <summary>The label set behind the references; the builder is scratch.</summary>
    /// <exception cref="TsdbCorruptionException">A reference leads to no symbol.</exception>
    public Labels ToLabels(SymbolTable symbols, LabelsBuilder scratch)
    {
        scratch.Clear();
        foreach (LabelRef label in _labels) scratch.Add(symbols.Lookup(label.Name), symbols.Lookup(label.Value));
        return scratch.ToLabels();
    }

    private void DecodeChunks(ref ByteCursor cursor, long minMs, long maxMs)
    {
        long max = 0;
        ulong reference = 0;
        ulong count = cursor.ReadUVarint();
        for (ulong i = 0; i < count; i++)
        {
            long min = i == 0 ? cursor.ReadVarint() : unchecked(max + (long)cursor.ReadUVarint());
            max = unchecked(min + (long)cursor.ReadUVarint());
            reference = i == 0 ? cursor.ReadUVarint() : unchecked(reference + (ulong)cursor.ReadVarint());
            if (cursor.Failed || min > maxMs) return;
            if (max >= minMs) _chunks.Add(new ChunkMeta(min, max, reference));
        }
    }
}
