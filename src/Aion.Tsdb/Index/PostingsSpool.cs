using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Aion.Tsdb;

/// <summary>
/// Gathers series ids by label pair. What does not fit in memory goes to a file as runs sorted by pair, merged when it is read.
/// Not thread-safe.
/// </summary>
/// <param name="path">Of the spill file; it is made when it is needed and goes when it is closed.</param>
internal sealed class PostingsSpool(string path, long memoryBytes) : IDisposable
{
    private const int ListOverheadBytes = 112;
    private const int RunHeadBytes = 12;

    private readonly Dictionary<ulong, List<uint>> _lists = [];
    private readonly List<(long From, long To)> _runs = [];
    private FileStream? _file;
    private long _held;

    /// <param name="pair">Name symbol in the upper half, value symbol in the lower, so that pairs sort as their texts do.</param>
    /// <param name="id">Above all ids that were added for the pair.</param>
    public void Add(ulong pair, uint id)
    {
        ref List<uint>? ids = ref CollectionsMarshal.GetValueRefOrAddDefault(_lists, pair, out bool known);
        if (!known)
        {
            ids = [];
            _held += ListOverheadBytes;
        }

        ids!.Add(id);
        _held += 2 * sizeof(uint);
        if (_held > memoryBytes) Spill();
    }

    /// <summary>Walks all pairs ascending; nothing may be added after that.</summary>
    public Cursor Read()
    {
        if (_runs.Count > 0 && _lists.Count > 0) Spill();
        return new Cursor(this);
    }

    public void Dispose() => _file?.Dispose();

    private void Spill()
    {
        _file ??= new FileStream(
            path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, bufferSize: 64 * 1024, FileOptions.DeleteOnClose);
        long from = _file.Position;
        Span<byte> number = stackalloc byte[RunHeadBytes];
        foreach (ulong pair in Sorted())
        {
            List<uint> ids = _lists[pair];
            BinaryPrimitives.WriteUInt64LittleEndian(number, pair);
            BinaryPrimitives.WriteUInt32LittleEndian(number[sizeof(ulong)..], (uint)ids.Count);
            _file.Write(number);
            foreach (uint id in ids)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(number, id);
                _file.Write(number[..sizeof(uint)]);
            }
        }

        _file.Flush();
        _runs.Add((from, _file.Position));
        _lists.Clear();
        _held = 0;
    }

    private ulong[] Sorted()
    {
        ulong[] pairs = [.. _lists.Keys];
        Array.Sort(pairs);
        return pairs;
    }

    /// <summary>Walks the pairs and, within one, its ids.</summary>
    public sealed class Cursor : IDisposable
    {
        private readonly PostingsSpool _spool;
        private readonly ulong[] _pairs;
        private readonly Run[] _runs;
        private readonly Queue<Run> _current = [];
        private int _next;
        private int _read;

        internal Cursor(PostingsSpool spool)
        {
            _spool = spool;
            _runs = [.. spool._runs.Select(r => new Run(spool._file!, r.From, r.To))];
            _pairs = _runs.Length == 0 ? spool.Sorted() : [];
        }

        public ulong Pair { get; private set; }

        /// <summary>Ids of the pair.</summary>
        public long Count { get; private set; }

        /// <summary>To the next pair, once all ids of this one were read.</summary>
        public bool MoveNext()
        {
            _read = 0;
            if (_runs.Length > 0) return MoveRuns();
            if (_next == _pairs.Length) return false;
            Pair = _pairs[_next++];
            Count = _spool._lists[Pair].Count;
            return true;
        }

        /// <summary>The next ids, ascending; 0 at the end of the pair.</summary>
        public int ReadIds(Span<uint> into)
        {
            if (_runs.Length == 0)
            {
                ReadOnlySpan<uint> ids = CollectionsMarshal.AsSpan(_spool._lists[Pair])[_read..];
                int count = Math.Min(ids.Length, into.Length);
                ids[..count].CopyTo(into);
                _read += count;
                return count;
            }

            while (_current.Count > 0)
            {
                int count = _current.Peek().ReadIds(into);
                if (count > 0) return count;
                _current.Dequeue().MoveNext();
            }

            return 0;
        }

        public void Dispose()
        {
        }

        private bool MoveRuns()
        {
            var found = false;
            foreach (Run run in _runs)
            {
                if (run.AtEnd || (found && run.Pair >= Pair)) continue;
                found = true;
                Pair = run.Pair;
            }

            Count = 0;
            foreach (Run run in _runs)
            {
                if (!found || run.AtEnd || run.Pair != Pair) continue;
                Count += run.Left;
                _current.Enqueue(run);
            }

            return found;
        }
    }

    /// <summary>Reads one run forward through a buffer.</summary>
    private sealed class Run
    {
        private readonly FileStream _file;
        private readonly long _to;
        private readonly byte[] _buffer = new byte[16 * 1024];
        private long _position;
        private int _at;
        private int _filled;

        public Run(FileStream file, long from, long to)
        {
            _file = file;
            _position = from;
            _to = to;
            MoveNext();
        }

        public bool AtEnd { get; private set; }

        public ulong Pair { get; private set; }

        /// <summary>Ids of the pair that were not read.</summary>
        public long Left { get; private set; }

        public void MoveNext()
        {
            AtEnd = _at == _filled && _position == _to;
            if (AtEnd) return;
            ReadOnlySpan<byte> head = Take(RunHeadBytes);
            Pair = BinaryPrimitives.ReadUInt64LittleEndian(head);
            Left = BinaryPrimitives.ReadUInt32LittleEndian(head[sizeof(ulong)..]);
        }

        public int ReadIds(Span<uint> into)
        {
            var count = (int)Math.Min(into.Length, Left);
            for (var i = 0; i < count; i++) into[i] = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
            Left -= count;
            return count;
        }

        private ReadOnlySpan<byte> Take(int bytes)
        {
            if (_filled - _at < bytes)
            {
                _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
                _filled -= _at;
                _at = 0;
                Span<byte> free = _buffer.AsSpan(_filled, (int)Math.Min(_buffer.Length - _filled, _to - _position));
                while (_filled < bytes)
                {
                    int read = RandomAccess.Read(_file.SafeFileHandle, free, _position);
                    if (read == 0) throw new IOException($"{_file.Name}: cut off at {_position} while it was written");
                    free = free[read..];
                    _position += read;
                    _filled += read;
                }
            }

            _at += bytes;
            return _buffer.AsSpan(_at - bytes, bytes);
        }
    }
}
