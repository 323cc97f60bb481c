using System.Runtime.InteropServices;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>Merges a run of overlapping chunks of one series into the batch's output. Reusable; not thread-safe.</summary>
internal sealed class RunMerger(MergeFunction function, MemoryBudget budget)
{
    private readonly ChunkSamples _samples = new();
    private readonly ChunkFold _fold = new(function);
    private readonly SampleCutter _cutter = new();
    private readonly AggregateRunMerger _aggregates = new(function);
    private readonly List<SampleBuffer> _buffers = [];
    private readonly SampleBuffer _merged = new();
    private int _used;

    /// <summary>False when a chunk holds samples outside the times that the index gives it, which may overlap other runs.</summary>
    public bool TryMerge(SeriesBatch batch, ReadOnlySpan<Piece> run) => Merge(batch, run, trustTimes: true);

    /// <summary>Merges chunks whose times in the index are not to be trusted.</summary>
    public void MergeAll(SeriesBatch batch, ReadOnlySpan<Piece> pieces) => Merge(batch, pieces, trustTimes: false);

    /// <summary>
    /// The samples of raw chunks merged into one sequence, which is valid until the next call; null when a chunk's times in the index are
    /// wrong and they were to be trusted. Aggregate chunks are passed over.
    /// </summary>
    public SampleBuffer? Collect(SeriesBatch batch, ReadOnlySpan<Piece> pieces, bool trustTimes)
    {
        _samples.Clear();
        _used = 0;
        foreach (Piece piece in pieces)
        {
            if (piece.Chunk.Encoding == ChunkEncoding.Aggregate) continue;
            if (Decode(batch, piece) is not { } samples) continue;
            if (trustTimes && (samples.Times[0] < piece.Chunk.Meta.MinTimeMs || samples.Times[^1] > piece.Chunk.Meta.MaxTimeMs)) return null;
            _used++;
        }

        _merged.Clear();
        if (_used == 0) return _merged;
        if (!trustTimes) _buffers.Sort(0, _used, Comparer<SampleBuffer>.Create(static (a, b) => a.Times[0].CompareTo(b.Times[0])));
        long before = _merged.CapacityBytes;
        _fold.Merge(CollectionsMarshal.AsSpan(_buffers)[.._used], _merged);
        Charge(_merged, before);
        return _merged;
    }

    private bool Merge(SeriesBatch batch, ReadOnlySpan<Piece> pieces, bool trustTimes)
    {
        if (IsAggregateRun(batch, pieces)) return _aggregates.TryMerge(batch, pieces, trustTimes);
        if (Collect(batch, pieces, trustTimes) is not { } merged) return false;
        _cutter.Cut(merged, _samples, batch);
        return true;
    }

    /// <summary>Whether the run is of aggregate chunks; chunks of the kind with fewer members can't be merged and are reported.</summary>
    private static bool IsAggregateRun(SeriesBatch batch, ReadOnlySpan<Piece> pieces)
    {
        var aggregates = 0;
        foreach (Piece piece in pieces)
            if (piece.Chunk.Encoding == ChunkEncoding.Aggregate) aggregates++;
        if (aggregates == 0) return false;
        bool isAggregate = aggregates * 2 >= pieces.Length;
        foreach (Piece piece in pieces)
            if (piece.Chunk.Encoding == ChunkEncoding.Aggregate != isAggregate)
                batch.Report(piece.Chunk, RepairKind.UnknownEncoding, "raw and aggregate chunks overlap in one series");
        return isAggregate;
    }

    private SampleBuffer? Decode(SeriesBatch batch, in Piece piece)
    {
        if (_used == _buffers.Count) _buffers.Add(new SampleBuffer());
        SampleBuffer samples = _buffers[_used];
        samples.Clear();
        long before = samples.CapacityBytes;
        try
        {
            ReadOnlyMemory<byte> data = batch.Input.Slice(piece.Chunk.DataOffset, piece.Chunk.DataLength);
            _samples.Decode(new Chunk(piece.Chunk.Encoding, data), piece.Deleted, piece.MinMs, piece.MaxMs, samples);
        }
        catch (Exception e) when (e is TsdbCorruptionException or ArgumentException)
        {
            batch.Report(piece.Chunk, RepairKind.Undecodable, e.Message);
            return null;
        }

        if (!_samples.Sort(samples))
            batch.Report(piece.Chunk, RepairKind.OutOfOrderSamples, "the samples of the chunk do not ascend in time", withBytes: false);
        Charge(samples, before);
        return samples.Count == 0 ? null : samples;
    }

    private void Charge(SampleBuffer buffer, long before)
    {
        if (buffer.CapacityBytes > before) budget.Charge(buffer.CapacityBytes - before, "decoded samples");
    }
}
