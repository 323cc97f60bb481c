using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>One mapped block of a <see cref="MappedMerge"/>: a position in its series, and the pages it has touched. Not thread-safe.</summary>
internal sealed class MappedInput(int ordinal, BucketBlock block, List<BlockSeries> series)
{
    /// <summary>Chunks whose checksums are computed side by side.</summary>
    private const int Lanes = Crc32C.Lanes;

    private readonly TouchedRange[] _touched = new TouchedRange[2];
    private int _next;
    private bool _isDamaged;
    private int _segment = -1;
    private MappedObject? _map;
    private string _key = "";

    public BucketBlock Block => block;

    /// <summary>Of blocks that have the same series, the one with the lower ordinal comes first.</summary>
    public int Ordinal => ordinal;

    public bool AtEnd => _isDamaged || _next >= series.Count;

    public Labels Labels => series[_next].Labels;

    public int ChunkCount => series[_next].Chunks.Count;

    public void MoveNext() => _next++;

    /// <summary>No more of this block: what stands behind a damaged place is not to be trusted.</summary>
    public void Stop() => _isDamaged = true;

    /// <summary>Puts the current series' chunks into <paramref name="into"/>, checksums checked; returns the bytes they take in the file.</summary>
    /// <exception cref="TsdbCorruptionException">A chunk is damaged.</exception>
    public long Place(Span<SeriesChunk> into, Aggregates aggregates)
    {
        ReadOnlySpan<ChunkMeta> metas = series[_next].Chunks;
        long bytes = 0;
        for (var i = 0; i < metas.Length;)
        {
            Enter(metas[i].Segment);
            int lanes = Math.Min(Lanes, metas.Length - i);
            if (lanes < Lanes || !AreHere(metas.Slice(i, Lanes))) lanes = 1;
            bytes += lanes == Lanes ? PlaceLanes(metas.Slice(i, Lanes), into[i..], aggregates) : PlaceOne(metas[i], into, i, aggregates);
            i += lanes;
        }

        return bytes;
    }

    /// <summary>
    /// Called once a frame. The frame before the last has been read by now, and its pages go out of this process: a query over years of
    /// blocks holds a few frames, not the files.
    /// </summary>
    public void EndFrame()
    {
        _touched[1].Forget();
        _touched[1] = _touched[0];
        _touched[0] = default;
    }

    /// <summary>Lets go of all pages.</summary>
    public void Close()
    {
        EndFrame();
        EndFrame();
    }

    /// <summary>A damaged index may name segments in any order.</summary>
    private bool AreHere(ReadOnlySpan<ChunkMeta> metas)
    {
        foreach (ref readonly ChunkMeta meta in metas)
            if (meta.Segment != _segment) return false;
        return true;
    }

    private void Enter(int segment)
    {
        if (segment == _segment) return;
        _touched[0].Forget();
        _touched[0] = default;
        _segment = segment;
        _key = block.ChunksKey(segment);
        _map = block.ChunksMap(segment) ?? throw new TsdbCorruptionException(_key, 0, "the chunk file is not there any more");
    }

    private int PlaceOne(ChunkMeta meta, Span<SeriesChunk> into, int at, Aggregates aggregates)
    {
        ReadOnlySpan<byte> bytes = Find(meta, out ChunkFrame frame);
        ReadOnlySpan<byte> body = frame.Body(bytes);
        if (Crc32C.Compute(body) != frame.Checksum(bytes)) throw Damaged(meta);
        into[at] = frame.ToSeriesChunk(meta, _map!.Slice(meta.Offset, frame.WholeBytes), body[0], _key, aggregates);
        return frame.WholeBytes;
    }

    /// <summary>
    /// The same for neighbours at once: the checksum instruction has a latency of three cycles and a throughput of one, so that several
    /// chunks side by side take hardly longer than one.
    /// </summary>
    private int PlaceLanes(ReadOnlySpan<ChunkMeta> metas, Span<SeriesChunk> into, Aggregates aggregates)
    {
        ReadOnlySpan<byte> a = Find(metas[0], out ChunkFrame first), b = Find(metas[1], out ChunkFrame second);
        ReadOnlySpan<byte> c = Find(metas[2], out ChunkFrame third), d = Find(metas[3], out ChunkFrame fourth);
        Span<uint> sums = stackalloc uint[Lanes];
        Crc32C.Compute(first.Body(a), second.Body(b), third.Body(c), fourth.Body(d), sums);
        Check(metas[0], sums[0], first.Checksum(a));
        Check(metas[1], sums[1], second.Checksum(b));
        Check(metas[2], sums[2], third.Checksum(c));
        Check(metas[3], sums[3], fourth.Checksum(d));
        into[0] = first.ToSeriesChunk(metas[0], _map!.Slice(metas[0].Offset, first.WholeBytes), first.Body(a)[0], _key, aggregates);
        into[1] = second.ToSeriesChunk(metas[1], _map.Slice(metas[1].Offset, second.WholeBytes), second.Body(b)[0], _key, aggregates);
        into[2] = third.ToSeriesChunk(metas[2], _map.Slice(metas[2].Offset, third.WholeBytes), third.Body(c)[0], _key, aggregates);
        into[3] = fourth.ToSeriesChunk(metas[3], _map.Slice(metas[3].Offset, fourth.WholeBytes), fourth.Body(d)[0], _key, aggregates);
        return first.WholeBytes + second.WholeBytes + third.WholeBytes + fourth.WholeBytes;
    }

    private ReadOnlySpan<byte> Find(ChunkMeta meta, out ChunkFrame frame)
    {
        ReadOnlySpan<byte> bytes = _map!.Span(meta.Offset, block.MaxChunkBytes + ChunkFrame.MostOverhead);
        frame = ChunkFrame.ReadHead(_key, bytes, meta.Offset);
        if (frame.WholeBytes > bytes.Length) bytes = _map.Span(meta.Offset, frame.WholeBytes);
        if (frame.WholeBytes > bytes.Length) throw new TsdbCorruptionException(_key, meta.Offset, $"a chunk of {frame.DataBytes} bytes is cut off");
        _touched[0].Add(_map, meta.Offset, frame.WholeBytes);
        return bytes[..frame.WholeBytes];
    }

    private void Check(ChunkMeta meta, uint computed, uint stored)
    {
        if (computed != stored) throw Damaged(meta);
    }

    private TsdbCorruptionException Damaged(ChunkMeta meta) => new(_key, meta.Offset, "checksum of a chunk does not fit");

    /// <summary>The part of a file that one frame has read.</summary>
    private struct TouchedRange
    {
        private MappedObject? _map;
        private long _from;
        private long _to;

        public void Add(MappedObject map, long offset, long length)
        {
            if (_map is null) (_map, _from) = (map, offset);
            _from = Math.Min(_from, offset);
            _to = Math.Max(_to, offset + length);
        }

        public readonly void Forget() => _map?.Forget(_from, _to - _from);
    }
}
