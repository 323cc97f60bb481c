using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>A matching series of one block: its full label set, external labels included, and where its chunks lie.</summary>
internal readonly record struct BlockSeries(Labels Labels, ArraySegment<ChunkMeta> Chunks);

/// <summary>
/// Arrays that the chunk places of many series share: a request holds those of all series of all blocks, and an array a series would be most
/// of its allocations.
/// </summary>
/// <param name="series">How many series are expected.</param>
internal sealed class ChunkMetaPages(int series)
{
    /// <summary>48 KiB: small enough to stay off the heap of large objects, which only full collections clear.</summary>
    private const int PageChunks = 2048;

    private ChunkMeta[] _page = [];
    private int _used;
    private int _left = series;

    public ArraySegment<ChunkMeta> Keep(ReadOnlySpan<ChunkMeta> chunks)
    {
        if (chunks.Length > _page.Length - _used)
        {
            _page = new ChunkMeta[Math.Max(chunks.Length, Math.Min(PageChunks, chunks.Length * Math.Max(1, _left)))];
            _used = 0;
        }

        _left--;
        chunks.CopyTo(_page.AsSpan(_used));
        _used += chunks.Length;
        return new ArraySegment<ChunkMeta>(_page, _used - chunks.Length, chunks.Length);
    }
}
