using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>
/// The part of a block's chunk files that was read last: the chunk that was asked for and those that the series need next, as far as they
/// lie close together. In pooled memory, which goes back when the chunks in it have been released. Not thread-safe.
/// </summary>
/// <param name="series">In the order in which they are read.</param>
internal sealed class ChunkWindow(BucketBlock block, List<BlockSeries> series, ReadContext context, int windowBytes) : IDisposable
{
    /// <summary>Chunks that start at most this far from one another share a read: copying so much costs less than a call of the system.</summary>
    private const int ReachBytes = 16 * 1024;

    /// <summary>What the last chunk of a read is taken to be long at first.</summary>
    private const int TailBytes = 1024;

    private readonly Dictionary<int, LocalObject> _files = [];
    private LocalObject? _file;
    private string _key = "";
    private int _segment = -1;
    private ChunkBuffer? _buffer;
    private ReadOnlyMemory<byte> _memory;
    private long _start;
    private int _length;
    private int _given;
    private long _left;
    private TimeSpan _waited;

    /// <summary>The whole frame of a chunk, valid until the next call; reads it when it is not in the window.</summary>
    /// <exception cref="TsdbCorruptionException">It is cut off, or its length can't be true.</exception>
    /// <exception cref="BucketException">The file is not there, or can't be read.</exception>
    public ReadOnlySpan<byte> Find(int at, int chunk, out ChunkFrame frame)
    {
        ChunkMeta meta = series[at].Chunks[chunk];
        if (TryPeek(meta, out ReadOnlySpan<byte> bytes, out frame)) return bytes;
        Read(at, chunk, 0);
        bytes = _memory.Span;
        frame = ChunkFrame.ReadHead(_key, bytes, meta.Offset);
        if (frame.WholeBytes > bytes.Length)
        {
            if (meta.Offset + frame.WholeBytes > _file!.Length) throw CutOff(meta, frame);
            context.Counters.ChunkRefetch();
            Read(at, chunk, frame.WholeBytes);
            bytes = _memory.Span;
            if (frame.WholeBytes > bytes.Length) throw CutOff(meta, frame);
        }

        return bytes[..frame.WholeBytes];
    }

    /// <summary>The same of a chunk that lies in the window; false for another.</summary>
    public bool TryPeek(scoped in ChunkMeta meta, out ReadOnlySpan<byte> bytes, out ChunkFrame frame)
    {
        bytes = default;
        frame = default;
        long at = meta.Offset - _start;
        if (meta.Segment != _segment || at < 0 || at > _length - ChunkFrame.MostHead) return false;
        bytes = _memory.Span[(int)at..];
        frame = ChunkFrame.ReadHead(_key, bytes, meta.Offset);
        if (frame.WholeBytes > bytes.Length) return false;
        bytes = bytes[..frame.WholeBytes];
        return true;
    }

    /// <summary>Hands out a chunk of the window, whose checksum fits.</summary>
    public SeriesChunk Give(in ChunkMeta meta, in ChunkFrame frame, byte encoding, Aggregates aggregates)
    {
        SeriesChunk chunk = frame.ToSeriesChunk(meta, _memory.Slice((int)(meta.Offset - _start), frame.WholeBytes), encoding, _key, aggregates);
        _given += ChunkBuffer.PartsOf(chunk);
        return chunk;
    }

    /// <summary>Bytes of memory that the window has left behind since the last call. They are charged; whoever asks gives them back.</summary>
    public long TakeLeft()
    {
        long left = _left;
        _left = 0;
        return left;
    }

    /// <summary>Closes the files. What was handed out stays valid.</summary>
    public void Dispose()
    {
        Leave();
        foreach (LocalObject file in _files.Values) file.Dispose();
        _files.Clear();
        if (_waited > TimeSpan.Zero) context.Counters.Waited(ReadData.Chunks, _waited);
    }

    private void Read(int at, int chunk, int atLeast)
    {
        Leave();
        ChunkMeta meta = series[at].Chunks[chunk];
        Enter(meta.Segment);
        if (meta.Offset >= _file!.Length)
            throw new TsdbCorruptionException(_key, meta.Offset, $"a chunk is said to lie here, behind the {_file.Length} bytes of the file");
        int length = (int)Math.Min(Math.Max(atLeast, Reach(at, chunk)), _file.Length - meta.Offset);
        context.Memory?.Charge(ChunkBuffer.CapacityOf(length), "chunks of a block");
        long started = context.Counters.Start();
        _buffer = ChunkBuffer.Rent(length);
        _start = meta.Offset;
        _length = _file.Read(meta.Offset, _buffer.GetSpan());
        _memory = _buffer.Memory[.._length];
        _waited += context.Counters.Since(started);
    }

    /// <summary>How far a read goes that starts with that chunk.</summary>
    private int Reach(int at, int chunk)
    {
        uint start = series[at].Chunks[chunk].Offset, last = start;
        for (chunk++; at < series.Count; at++, chunk = 0)
        {
            ReadOnlySpan<ChunkMeta> chunks = series[at].Chunks;
            for (; chunk < chunks.Length; chunk++)
            {
                uint next = chunks[chunk].Offset;
                if (chunks[chunk].Segment != _segment || next <= last || next - last > ReachBytes) return (int)(last - start) + TailBytes;
                if (next - start > windowBytes - ReachBytes) return (int)(next - start);
                last = next;
            }
        }

        return (int)(last - start) + TailBytes;
    }

    private void Enter(int segment)
    {
        if (segment == _segment && _file is not null) return;
        if (!_files.TryGetValue(segment, out _file))
        {
            _key = block.ChunksKey(segment);
            _file = block.Bucket.OpenLocal(_key);
            _files.Add(segment, _file);
        }

        _key = block.ChunksKey(segment);
        _segment = segment;
    }

    private void Leave()
    {
        if (_buffer is null) return;
        _left += ChunkBuffer.CapacityOf(_buffer.Memory.Length);
        _buffer.Hold(_given);
        (_buffer, _memory, _length, _given) = (null, default, 0, 0);
    }

    private TsdbCorruptionException CutOff(in ChunkMeta meta, in ChunkFrame frame) =>
        new(_key, meta.Offset, $"a chunk of {frame.DataBytes} bytes is cut off");
}
