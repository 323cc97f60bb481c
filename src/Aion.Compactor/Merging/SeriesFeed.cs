using System.Runtime.InteropServices;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Merges the series of all sources in label order and hands them out in batches of about the same size. Not thread-safe.</summary>
internal sealed class SeriesFeed
{
    private const int MaxSeriesPerBatch = 4096;

    /// <summary>What a chunk is reckoned with whose size can't be seen from its neighbour.</summary>
    private const int GuessedChunkBytes = 1024;

    private readonly long _batchBytes;
    private readonly List<SeriesCursor> _open = [];
    private readonly ulong[] _lastRefs;
    private readonly List<SeriesCursor> _same = [];

    /// <param name="cursors">Before their first series.</param>
    public SeriesFeed(IEnumerable<SeriesCursor> cursors, int sources, long batchBytes)
    {
        _batchBytes = batchBytes;
        _lastRefs = new ulong[sources];
        foreach (SeriesCursor cursor in cursors)
            if (cursor.MoveNext()) _open.Add(cursor);
    }

    /// <summary>Fills an empty batch; false when there are no more series.</summary>
    public bool Fill(SeriesBatch batch)
    {
        long bytes = 0;
        while (_open.Count > 0 && bytes < _batchBytes && batch.Series.Count < MaxSeriesPerBatch) bytes += AddNext(batch);
        foreach (SeriesCursor cursor in _open)
            if (!cursor.Chunks.IsEmpty) batch.Tails[cursor.Source] = cursor.Chunks[0].Ref;
        return batch.Series.Count > 0 || batch.Repairs.Count > 0;
    }

    private long AddNext(SeriesBatch batch)
    {
        TakeFirst();
        ReadOnlySpan<LabelRef> labels = _same[0].Labels;
        var slot = new SeriesSlot { LabelsFrom = batch.Labels.Count, LabelCount = labels.Length, ChunksFrom = batch.Chunks.Count };
        batch.Labels.AddRange(labels);
        long bytes = 64;
        foreach (SeriesCursor cursor in _same)
        {
            bool more;
            do
            {
                if (cursor.LabelsWereSorted) ReportSeries(batch, cursor, RepairKind.OutOfOrderLabels, "the labels were out of order");
                if (cursor.Chunks.IsEmpty) ReportSeries(batch, cursor, RepairKind.EmptySeries, "a series without chunks");
                bytes += AddChunks(batch, cursor);
                more = cursor.MoveNext();
            }
            // A malformed index may hold a series twice.
            while (more && cursor.Labels.SequenceEqual(CollectionsMarshal.AsSpan(batch.Labels).Slice(slot.LabelsFrom, slot.LabelCount)));
            if (!more) _open.Remove(cursor);
        }

        slot.ChunkCount = batch.Chunks.Count - slot.ChunksFrom;
        batch.Series.Add(slot);
        return bytes;
    }

    /// <summary>All cursors that stand at the first label set.</summary>
    private void TakeFirst()
    {
        _same.Clear();
        foreach (SeriesCursor cursor in CollectionsMarshal.AsSpan(_open))
        {
            int order = _same.Count == 0 ? -1 : LabelRef.Compare(cursor.Labels, _same[0].Labels);
            if (order > 0) continue;
            if (order < 0) _same.Clear();
            _same.Add(cursor);
        }
    }

    private long AddChunks(SeriesBatch batch, SeriesCursor cursor)
    {
        long bytes = 0;
        foreach (ChunkMeta meta in cursor.Chunks)
        {
            batch.BySource[cursor.Source].Add(batch.Chunks.Count);
            batch.Chunks.Add(new ChunkSlot { Source = cursor.Source, Series = cursor.Series, Meta = meta });
            ref ulong last = ref _lastRefs[cursor.Source];
            bytes += meta.Ref > last && meta.Ref - last <= ChunkFetch.MaxGapBytes ? (long)(meta.Ref - last) : GuessedChunkBytes;
            last = meta.Ref;
        }

        return bytes;
    }

    private static void ReportSeries(SeriesBatch batch, SeriesCursor cursor, RepairKind kind, string reason) =>
        batch.Repairs.Add(new PendingRepair(cursor.Source, cursor.Series, default, kind, reason, 0, 0));
}
