using System.Buffers.Binary;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>From the symbol references of one source to the ordinals in the merged index. Thread-safe for reading.</summary>
internal abstract class SymbolMap : IDisposable
{
    /// <summary>For an index of version 2 read alone: its references are ordinals already.</summary>
    public static SymbolMap Identity(int symbols) => new Same(symbols);

    public abstract bool TryMap(uint reference, out uint merged);

    public virtual void Dispose()
    {
    }

    /// <summary>Writes the symbols of all sources, each once and in order; returns a map for each source.</summary>
    /// <param name="inMemory">Whether the maps are kept in memory, see <see cref="SizeOf"/>, or in files.</param>
    /// <param name="pathPrefix">Of the files.</param>
    /// <exception cref="SourceDamagedException">A table is not in order.</exception>
    public static SymbolMap[] Merge(IReadOnlyList<SourceBlock> sources, BlockWriter writer, bool inMemory, string pathPrefix)
    {
        var maps = new Builder[sources.Count];
        try
        {
            for (var i = 0; i < maps.Length; i++)
            {
                IndexReader index = sources[i].Index;
                maps[i] = index.Version == 1 ? new OffsetMap(index.Symbols.Count)
                    : inMemory ? new ArrayMap(index.Symbols.Count) : new FileMap($"{pathPrefix}.symbols-{i}");
            }

            Walk(sources, writer, maps);
            foreach (Builder map in maps) map.Complete();
            return maps;
        }
        catch
        {
            foreach (Builder? map in maps) map?.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that the map of a source takes in memory.</summary>
    public static long SizeOf(IndexReader index) => index.Symbols.Count * (index.Version == 1 ? 24L : sizeof(uint));

    private static void Walk(IReadOnlyList<SourceBlock> sources, BlockWriter writer, Builder[] maps)
    {
        var cursors = new SymbolTable.Cursor?[sources.Count];
        for (var i = 0; i < maps.Length; i++)
        {
            cursors[i] = sources[i].Index.Symbols.Walk();
            if (!cursors[i]!.MoveNext()) cursors[i] = null;
        }

        for (uint ordinal = 0; ; ordinal++)
        {
            int first = First(cursors);
            if (first < 0) return;
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

    private abstract class Builder : SymbolMap
    {
        /// <summary>Call in the order of the table.</summary>
        public abstract void Add(uint reference, uint merged);

        public virtual void Complete()
        {
        }
    }

    private sealed class Same(int symbols) : SymbolMap
    {
        public override bool TryMap(uint reference, out uint merged)
        {
            merged = reference;
            return reference < (uint)symbols;
        }
    }

    /// <summary>For indexes of version 1, whose references are byte offsets.</summary>
    private sealed class OffsetMap(int count) : Builder
    {
        private readonly Dictionary<uint, uint> _byOffset = new(count);

        public override void Add(uint reference, uint merged) => _byOffset[reference] = merged;

        public override bool TryMap(uint reference, out uint merged) => _byOffset.TryGetValue(reference, out merged);
    }

    private sealed class ArrayMap(int count) : Builder
    {
        private readonly uint[] _byOrdinal = new uint[count];

        public override void Add(uint reference, uint merged) => _byOrdinal[reference] = merged;

        public override bool TryMap(uint reference, out uint merged)
        {
            bool known = reference < (uint)_byOrdinal.Length;
            merged = known ? _byOrdinal[reference] : 0;
            return known;
        }
    }

    /// <summary>For tables too large for the budget: the system keeps in memory what there is room for.</summary>
    private sealed class FileMap(string path) : Builder
    {
        private FileStream? _writing = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
        private MappedFile? _file;
        private ReadOnlyMemory<byte> _byOrdinal;

        public override void Add(uint reference, uint merged)
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, merged);
            _writing!.Write(bytes);
        }

        public override void Complete()
        {
            bool any = _writing!.Position > 0;
            _writing.Dispose();
            _writing = null;
            if (!any) return;
            _file = MappedFile.Open(path);
            _byOrdinal = _file.Slice(0, _file.Length);
        }

        public override bool TryMap(uint reference, out uint merged)
        {
            long at = reference * (long)sizeof(uint);
            bool known = at < _byOrdinal.Length;
            merged = known ? BinaryPrimitives.ReadUInt32LittleEndian(_byOrdinal.Span[(int)at..]) : 0;
            return known;
        }

        public override void Dispose()
        {
            _writing?.Dispose();
            _file?.Dispose();
            File.Delete(path);
            base.Dispose();
        }
    }
}
