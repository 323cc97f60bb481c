using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>From the symbol references of one source to the ordinals in the merged index.</summary>
internal sealed class SymbolMap
{
    private readonly uint[]? _byOrdinal;
    private readonly Dictionary<uint, uint>? _byOffset;

    /// <param name="indexVersion">1: references are byte offsets, so there is no array to look into.</param>
    public SymbolMap(int indexVersion, int count)
    {
        if (indexVersion == 1) _byOffset = new Dictionary<uint, uint>(count);
        else _byOrdinal = new uint[count];
    }

    /// <summary>Bytes that the map of a table takes.</summary>
    public static long SizeOf(int indexVersion, int count) => indexVersion == 1 ? count * 24L : count * 4L;

    public void Add(uint reference, uint merged)
    {
        if (_byOffset is not null) _byOffset[reference] = merged;
        else _byOrdinal![reference] = merged;
    }

    public bool TryMap(uint reference, out uint merged)
    {
        if (_byOffset is not null) return _byOffset.TryGetValue(reference, out merged);
        bool known = reference < (uint)_byOrdinal!.Length;
        merged = known ? _byOrdinal[reference] : 0;
        return known;
    }

    /// <summary>Every reference stands for its ordinal in its own table.</summary>
    public static SymbolMap Identity(SymbolTable table, int indexVersion)
    {
        var map = new SymbolMap(indexVersion, table.Count);
        SymbolTable.Cursor cursor = table.Walk();
        for (uint ordinal = 0; cursor.MoveNext(); ordinal++) map.Add(cursor.Reference, ordinal);
        return map;
    }

    /// <summary>Writes the symbols of all sources, each once and in order; returns a map for each source.</summary>
    /// <exception cref="SourceDamagedException">A table is not in order.</exception>
    public static SymbolMap[] Merge(IReadOnlyList<SourceBlock> sources, BlockWriter writer)
    {
        var maps = new SymbolMap[sources.Count];
        var cursors = new SymbolTable.Cursor?[sources.Count];
        for (var i = 0; i < maps.Length; i++)
        {
            SymbolTable table = sources[i].Index.Symbols;
            maps[i] = new SymbolMap(sources[i].Index.Version, table.Count);
            cursors[i] = table.Walk();
            if (!cursors[i]!.MoveNext()) cursors[i] = null;
        }

        for (uint ordinal = 0; ; ordinal++)
        {
            int first = First(cursors);
            if (first < 0) return maps;
            ReadOnlyMemory<byte> symbol = cursors[first]!.Current;
            writer.AddSymbol(symbol.Span);
            for (int i = first; i < cursors.Length; i++)
            {
                if (cursors[i] is not { } cursor || !cursor.Current.Span.SequenceEqual(symbol.Span)) continue;
                maps[i].Add(cursor.Reference, ordinal);
                if (!cursor.MoveNext()) cursors[i] = null;
                else if (cursor.Current.Span.SequenceCompareTo(symbol.Span) <= 0)
                    throw new SourceDamagedException(sources[i].Meta.Id, $"index: symbol {cursor.Reference} is out of order");
            }
        }
    }

    private static int First(SymbolTable.Cursor?[] cursors)
    {
        int first = -1;
        for (var i = 0; i < cursors.Length; i++)
        {
            if (cursors[i] is not { } cursor) continue;
            if (first < 0 || cursor.Current.Span.SequenceCompareTo(cursors[first]!.Current.Span) < 0) first = i;
        }

        return first;
    }
}
