using System.Runtime.InteropServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Makes the output chunks of each series of a batch. Chunks apart from each other are passed on as they are; runs of overlapping ones are
/// decoded, merged and cut anew. Not thread-safe: each batch has its own.
/// </summary>
internal sealed class SeriesMerger(MergeFunction function, IReadOnlyList<SourceBlock> sources, MemoryBudget budget)
{
    private readonly List<Piece> _pieces = [];
    private readonly RunMerger _runs = new(function, budget);

    public void Process(SeriesBatch batch)
    {
        ChunkFetch.Read(batch, sources);
        foreach (ref SeriesSlot series in CollectionsMarshal.AsSpan(batch.Series))
        {
            series.ResultsFrom = batch.Results.Count;
            if (!TryCopy(batch, series)) Merge(batch, series);
            series.ResultCount = batch.Results.Count - series.ResultsFrom;
        }
    }

    /// <summary>Passes the chunks on when nothing is wrong with them, which is the usual case.</summary>
    public bool TryCopy(SeriesBatch batch, in SeriesSlot series)
    {
        if (!IsPlain(batch, series)) return false;
        foreach (ref readonly ChunkSlot chunk in CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount))
            Copy(batch, chunk);
        return true;
    }

    /// <summary>All chunks are whole, in order, apart from each other and inside their blocks.</summary>
    public bool IsPlain(SeriesBatch batch, in SeriesSlot series)
    {
        ReadOnlySpan<ChunkSlot> chunks = CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount);
        if (series.LabelCount == 0) return false;
        var isFirst = true;
        long end = 0;
        foreach (ref readonly ChunkSlot chunk in chunks)
        {
            SourceBlock source = sources[chunk.Source];
            if (!chunk.IsUsable || (!isFirst && chunk.Meta.MinTimeMs <= end)) return false;
            if (chunk.Meta.MinTimeMs < source.Meta.MinTimeMs || chunk.Meta.MaxTimeMs > source.LastMs) return false;
            if (!source.Tombstones.IsEmpty && !source.Tombstones.Of(chunk.Series).IsEmpty) return false;
            end = chunk.Meta.MaxTimeMs;
            isFirst = false;
        }

        return true;
    }

    /// <summary>All raw samples of a series as one sequence, valid until the next call.</summary>
    public SampleBuffer Collect(SeriesBatch batch, in SeriesSlot series)
    {
        CollectPieces(batch, series);
        foreach (Piece piece in _pieces)
            if (piece.Chunk.Encoding == ChunkEncoding.Aggregate)
                batch.Report(piece.Chunk, RepairKind.UnknownEncoding, "an aggregate chunk in a raw block");
        return _runs.Collect(batch, CollectionsMarshal.AsSpan(_pieces), trustTimes: false)!;
    }

    /// <summary>Merges what overlaps and reports what is wrong.</summary>
    public void Merge(SeriesBatch batch, in SeriesSlot series)
    {
        CollectPieces(batch, series);
        int results = batch.Results.Count, repairs = batch.Repairs.Count;
        long copied = batch.Counts.Copied, encoded = batch.Counts.Encoded;
        if (TryMergeRuns(batch)) return;

        // The index does not tell the truth about the times in a chunk: decode all of the series' chunks and merge them as one run.
        batch.Results.RemoveRange(results, batch.Results.Count - results);
        batch.Repairs.RemoveRange(repairs, batch.Repairs.Count - repairs);
        (batch.Counts.Copied, batch.Counts.Encoded) = (copied, encoded);
        _runs.MergeAll(batch, CollectionsMarshal.AsSpan(_pieces));
    }

    private bool TryMergeRuns(SeriesBatch batch)
    {
        Span<Piece> pieces = CollectionsMarshal.AsSpan(_pieces);
        for (var from = 0; from < pieces.Length;)
        {
            int to = from + 1;
            long end = pieces[from].Chunk.Meta.MaxTimeMs;
            while (to < pieces.Length && pieces[to].Chunk.Meta.MinTimeMs <= end) end = Math.Max(end, pieces[to++].Chunk.Meta.MaxTimeMs);
            if (to == from + 1 && !pieces[from].NeedsDecode) Copy(batch, pieces[from].Chunk);
            else if (!_runs.TryMerge(batch, pieces[from..to])) return false;
            from = to;
        }

        return true;
    }

    /// <summary>The usable chunks by time, each once, with what is to be cut off; reports those that are left out.</summary>
    private void CollectPieces(SeriesBatch batch, in SeriesSlot series)
    {
        _pieces.Clear();
        ReadOnlySpan<ChunkSlot> chunks = CollectionsMarshal.AsSpan(batch.Chunks).Slice(series.ChunksFrom, series.ChunkCount);
        int before = -1;
        for (var i = 0; i < chunks.Length; i++)
        {
            ref readonly ChunkSlot chunk = ref chunks[i];
            if (!chunk.IsUsable) continue;
            if (series.LabelCount == 0)
            {
                batch.Report(chunk, RepairKind.EmptySeries, "a series without labels");
                continue;
            }

            if (before >= 0 && chunks[before].Source == chunk.Source && chunks[before].Series == chunk.Series
                && chunk.Meta.MinTimeMs <= chunks[before].Meta.MaxTimeMs && !SameTimes(chunks[before], chunk))
            {
                batch.Report(
                    chunk, RepairKind.OutOfOrder,
                    $"starts at {chunk.Meta.MinTimeMs}, the chunk before ends at {chunks[before].Meta.MaxTimeMs}", withBytes: false);
            }

            before = i;
            AddPiece(batch, chunk, i);
        }

        _pieces.Sort(static (a, b) => a.CompareTo(b));
        DropDuplicates(batch);
    }

    private void AddPiece(SeriesBatch batch, in ChunkSlot chunk, int order)
    {
        SourceBlock source = sources[chunk.Source];
        var piece = new Piece(chunk, order, source.Meta.MinTimeMs, source.LastMs, source.Tombstones.Of(chunk.Series).ToArray());
        if (chunk.Meta.MinTimeMs < piece.MinMs || chunk.Meta.MaxTimeMs > piece.MaxMs)
        {
            batch.Report(
                chunk, RepairKind.OutOfRange,
                $"[{chunk.Meta.MinTimeMs}, {chunk.Meta.MaxTimeMs}] is not inside the block's [{piece.MinMs}, {source.Meta.MaxTimeMs})");
            if (chunk.Meta.MaxTimeMs < piece.MinMs || chunk.Meta.MinTimeMs > piece.MaxMs) return;
        }

        if (!piece.IsDeleted) _pieces.Add(piece);
    }

    private void DropDuplicates(SeriesBatch batch)
    {
        var kept = 0;
        for (var i = 0; i < _pieces.Count; i++)
        {
            Piece piece = _pieces[i];
            int same = kept - 1;
            while (same >= 0 && SameTimes(_pieces[same].Chunk, piece.Chunk) && !SameBytes(batch, _pieces[same].Chunk, piece.Chunk)) same--;
            if (same >= 0 && SameTimes(_pieces[same].Chunk, piece.Chunk) && !piece.NeedsDecode && !_pieces[same].NeedsDecode)
            {
                batch.Counts.Duplicates++;
                if (_pieces[same].Chunk.Source == piece.Chunk.Source)
                    batch.Report(piece.Chunk, RepairKind.Duplicate, "the same chunk twice in one series", withBytes: false);
                continue;
            }

            _pieces[kept++] = piece;
        }

        _pieces.RemoveRange(kept, _pieces.Count - kept);
    }

    private static bool SameTimes(in ChunkSlot a, in ChunkSlot b) =>
        a.Meta.MinTimeMs == b.Meta.MinTimeMs && a.Meta.MaxTimeMs == b.Meta.MaxTimeMs;

    private static bool SameBytes(SeriesBatch batch, in ChunkSlot a, in ChunkSlot b) =>
        batch.Input.Slice(a.Offset, a.Length).Span.SequenceEqual(batch.Input.Slice(b.Offset, b.Length).Span);

    private static void Copy(SeriesBatch batch, in ChunkSlot chunk)
    {
        batch.Results.Add(new OutputChunk(chunk.Meta.MinTimeMs, chunk.Meta.MaxTimeMs, chunk.Offset, chunk.Length, IsEncoded: false));
        batch.Counts.Copied++;
    }
}

/// <summary>A usable chunk of a series, with the range of its block and the deletions of its series.</summary>
/// <param name="Order">Position among the chunks as they came, by source.</param>
internal readonly record struct Piece(ChunkSlot Chunk, int Order, long MinMs, long MaxMs, TimeRange[] Deleted)
{
    /// <summary>Not all of its samples may be passed on.</summary>
    public bool NeedsDecode => Chunk.Meta.MinTimeMs < MinMs || Chunk.Meta.MaxTimeMs > MaxMs || Touches(Deleted);

    public bool IsDeleted
    {
        get
        {
            foreach (TimeRange range in Deleted)
                if (range.MinMs <= Chunk.Meta.MinTimeMs && Chunk.Meta.MaxTimeMs <= range.MaxMs) return true;
            return false;
        }
    }

    public int CompareTo(in Piece other)
    {
        int order = Chunk.Meta.MinTimeMs.CompareTo(other.Chunk.Meta.MinTimeMs);
        if (order == 0) order = Chunk.Meta.MaxTimeMs.CompareTo(other.Chunk.Meta.MaxTimeMs);
        return order == 0 ? Order.CompareTo(other.Order) : order;
    }

    private bool Touches(TimeRange[] ranges)
    {
        foreach (TimeRange range in ranges)
            if (range.MinMs <= Chunk.Meta.MaxTimeMs && Chunk.Meta.MinTimeMs <= range.MaxMs) return true;
        return false;
    }
}
