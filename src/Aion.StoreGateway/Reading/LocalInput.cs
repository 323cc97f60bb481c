using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>One block of a <see cref="LocalMerge"/>: a position in its series, and a window into its chunk files. Not thread-safe.</summary>
internal sealed class LocalInput(int ordinal, BucketBlock block, List<BlockSeries> series, ReadContext context, int windowBytes) : IDisposable
{
    /// <summary>Chunks whose checksums are computed side by side.</summary>
    private const int Lanes = Crc32C.Lanes;

    private readonly ChunkWindow _window = new(block, series, context, windowBytes);
    private int _next;
    private bool _isDamaged;

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
    /// <exception cref="BucketException">A chunk file is not there, or can't be read.</exception>
    public long Place(Span<SeriesChunk> into, Aggregates aggregates)
    {
        ReadOnlySpan<ChunkMeta> metas = series[_next].Chunks;
        long bytes = 0;
        for (var i = 0; i < metas.Length;)
        {
            int placed = metas.Length - i >= Lanes ? PlaceLanes(metas.Slice(i, Lanes), into[i..], aggregates) : 0;
            bytes += placed > 0 ? placed : PlaceOne(metas[i], i, into, aggregates);
            i += placed > 0 ? Lanes : 1;
        }

        return bytes;
    }

    /// <summary>Bytes of windows that were left since the last call: chunks that went out may still lie there.</summary>
    public long TakeLeft() => _window.TakeLeft();

    public void Dispose() => _window.Dispose();

    private int PlaceOne(in ChunkMeta meta, int chunk, Span<SeriesChunk> into, Aggregates aggregates)
    {
        ReadOnlySpan<byte> bytes = _window.Find(_next, chunk, out ChunkFrame frame);
        ReadOnlySpan<byte> body = frame.Body(bytes);
        Check(meta, Crc32C.Compute(body), frame.Checksum(bytes));
        into[chunk] = _window.Give(meta, frame, body[0], aggregates);
        return frame.WholeBytes;
    }

    /// <summary>
    /// The same for neighbours at once: the checksum instruction has a latency of three cycles and a throughput of one, so that several
    /// chunks side by side take hardly longer than one.
    /// </summary>
    /// <returns>Their bytes; 0 when they do not all lie in the window.</returns>
    private int PlaceLanes(ReadOnlySpan<ChunkMeta> metas, Span<SeriesChunk> into, Aggregates aggregates)
    {
        if (!_window.TryPeek(metas[0], out ReadOnlySpan<byte> a, out ChunkFrame first) || !_window.TryPeek(metas[1], out ReadOnlySpan<byte> b, out ChunkFrame second)
            || !_window.TryPeek(metas[2], out ReadOnlySpan<byte> c, out ChunkFrame third) || !_window.TryPeek(metas[3], out ReadOnlySpan<byte> d, out ChunkFrame fourth))
            return 0;
        Span<uint> sums = stackalloc uint[Lanes];
        Crc32C.Compute(first.Body(a), second.Body(b), third.Body(c), fourth.Body(d), sums);
        Check(metas[0], sums[0], first.Checksum(a));
        Check(metas[1], sums[1], second.Checksum(b));
        Check(metas[2], sums[2], third.Checksum(c));
        Check(metas[3], sums[3], fourth.Checksum(d));
        into[0] = _window.Give(metas[0], first, first.Body(a)[0], aggregates);
        into[1] = _window.Give(metas[1], second, second.Body(b)[0], aggregates);
        into[2] = _window.Give(metas[2], third, third.Body(c)[0], aggregates);
        into[3] = _window.Give(metas[3], fourth, fourth.Body(d)[0], aggregates);
        return first.WholeBytes + second.WholeBytes + third.WholeBytes + fourth.WholeBytes;
    }

    private void Check(in ChunkMeta meta, uint computed, uint stored)
    {
        if (computed != stored) throw new TsdbCorruptionException(block.ChunksKey(meta.Segment), meta.Offset, "checksum of a chunk does not fit");
    }
}
