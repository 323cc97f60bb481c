using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Puts the series of a block that is out of order into label order: runs that fit in the budget are sorted in memory and spilled to a
/// file, then merged. Series with equal labels keep their order.
/// </summary>
internal sealed class SeriesSorter
{
    private const long MaxRunBytes = 16L << 20;
    private const long MinRunBytes = 64L << 10;
    private const int ReadBytes = 32 * 1024;
    private const string Purpose = "the labels of a block whose series are out of order";

    private readonly MemoryBudget _budget;
    private readonly string _path;
    private readonly long _runBytes;
    private readonly List<uint> _ids = [];
    private readonly List<LabelRef> _labels = [];
    private readonly List<(int From, int Count)> _sets = [];
    private readonly List<long> _runs = [0];

    private SeriesSorter(string path, MemoryBudget budget)
    {
        _path = path;
        _budget = budget;
        _runBytes = budget.LimitBytes <= 0 ? MaxRunBytes : Math.Clamp(budget.LimitBytes / 8, MinRunBytes, MaxRunBytes);
    }

    /// <summary>Ids of the series in label order.</summary>
    /// <param name="cursor">Walks the block in the order of its index; read to its end.</param>
    /// <param name="path">Where the ids go; what else is needed lies beside it meanwhile.</param>
    /// <exception cref="BudgetExceededException">There is no room for even one run.</exception>
    public static SortedSeries Sort(SeriesCursor cursor, string path, MemoryBudget budget)
    {
        var sorter = new SeriesSorter(path, budget);
        // Growing lists hold their old array for a moment.
        long charged = sorter._runBytes * 2;
        budget.Charge(charged, Purpose);
        try
        {
            sorter.SpillAll(cursor);
        }
        finally
        {
            budget.Release(charged);
        }

        return SortedSeries.Open(path);
    }

    private void SpillAll(SeriesCursor cursor)
    {
        using var spill = new FileStream(_path + ".runs", FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        while (cursor.MoveNext())
        {
            _ids.Add(cursor.Series);
            _sets.Add((_labels.Count, cursor.Labels.Length));
            _labels.AddRange(cursor.Labels);
            if ((_labels.Count * 8L) + (_ids.Count * 16L) >= _runBytes) Spill(spill);
        }

        if (_ids.Count > 0) Spill(spill);
        spill.Flush();
        Merge(spill);
    }

    private void Spill(FileStream spill)
    {
        var order = new int[_ids.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            int labels = LabelRef.Compare(SetAt(a), SetAt(b));
            return labels != 0 ? labels : a.CompareTo(b);
        });
        Span<byte> head = stackalloc byte[2 * sizeof(uint)];
        foreach (int at in order)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head, _ids[at]);
            BinaryPrimitives.WriteInt32LittleEndian(head[sizeof(uint)..], _sets[at].Count);
            spill.Write(head);
            spill.Write(MemoryMarshal.AsBytes(SetAt(at)));
        }

        _runs.Add(spill.Position);
        _ids.Clear();
        _sets.Clear();
        _labels.Clear();
    }

    private ReadOnlySpan<LabelRef> SetAt(int index) => CollectionsMarshal.AsSpan(_labels).Slice(_sets[index].From, _sets[index].Count);

    private void Merge(FileStream spill)
    {
        long buffers = (_runs.Count - 1L) * ReadBytes;
        _budget.Charge(buffers, Purpose);
        try
        {
            using var output = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
            var heads = new PriorityQueue<Run, Run>(Comparer<Run>.Create(static (a, b) => a.CompareTo(b)));
            for (var i = 1; i < _runs.Count; i++)
            {
                var run = new Run(spill, i, _runs[i - 1], _runs[i]);
                if (run.MoveNext()) heads.Enqueue(run, run);
            }

            Span<byte> id = stackalloc byte[sizeof(uint)];
            while (heads.TryDequeue(out Run? first, out _))
            {
                BinaryPrimitives.WriteUInt32BigEndian(id, first.Series);
                output.Write(id);
                if (first.MoveNext()) heads.Enqueue(first, first);
            }
        }
        finally
        {
            _budget.Release(buffers);
        }
    }

    /// <summary>A sorted run in the spill file, read forward.</summary>
    private sealed class Run(FileStream file, int number, long from, long end) : IComparable<Run>
    {
        private readonly byte[] _buffer = new byte[ReadBytes];
        private LabelRef[] _labels = new LabelRef[32];
        private int _count;
        private long _at = from;
        private int _read;
        private int _filled;

        public uint Series { get; private set; }

        public bool MoveNext()
        {
            if (_at - (_filled - _read) >= end && _read == _filled) return false;
            Span<byte> head = stackalloc byte[2 * sizeof(uint)];
            Read(head);
            Series = BinaryPrimitives.ReadUInt32LittleEndian(head);
            _count = BinaryPrimitives.ReadInt32LittleEndian(head[sizeof(uint)..]);
            if (_labels.Length < _count) _labels = new LabelRef[_count * 2];
            Read(MemoryMarshal.AsBytes(_labels.AsSpan(0, _count)));
            return true;
        }

        public int CompareTo(Run? other)
        {
            int labels = LabelRef.Compare(_labels.AsSpan(0, _count), other!._labels.AsSpan(0, other._count));
            return labels != 0 ? labels : number.CompareTo(other.Number);
        }

        private int Number => number;

        private void Read(Span<byte> into)
        {
            while (!into.IsEmpty)
            {
                if (_read == _filled)
                {
                    _filled = RandomAccess.Read(file.SafeFileHandle, _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, end - _at)), _at);
                    if (_filled == 0) throw new EndOfStreamException($"{file.Name} is shorter than what was written to it");
                    _at += _filled;
                    _read = 0;
                }

                int length = Math.Min(into.Length, _filled - _read);
                _buffer.AsSpan(_read, length).CopyTo(into);
                _read += length;
                into = into[length..];
            }
        }
    }
}

/// <summary>Ids of series in a file, four bytes each, big-endian as in the index.</summary>
internal sealed class SortedSeries : IDisposable
{
    private readonly MappedFile? _file;
    private readonly string _path;

    private SortedSeries(string path, MappedFile? file)
    {
        _path = path;
        _file = file;
        Ids = file is null ? default : file.Slice(0, file.Length);
    }

    /// <summary>Valid until this is disposed.</summary>
    public ReadOnlyMemory<byte> Ids { get; }

    public static SortedSeries Open(string path) => new(path, new FileInfo(path).Length == 0 ? null : MappedFile.Open(path));

    public void Dispose()
    {
        _file?.Dispose();
        File.Delete(_path);
    }
}
