using System.Runtime.InteropServices;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Merges a run of overlapping aggregate chunks. The windows of the counts decide which chunk each window is taken from, and all aggregates
/// of a window come from that chunk, so that none has windows that another lacks (peer fault W4). Reusable; not thread-safe.
/// </summary>
internal sealed class AggregateRunMerger(MergeFunction function)
{
    /// <summary>A window's place is told by a double: its piece, and its position there.</summary>
    private const double PieceStep = 1 << 24;

    private readonly ChunkFold _fold = new(function);
    private readonly AggregateChunkWriter _writer = new();
    private readonly List<AggregatePiece> _pieces = [];
    private readonly List<SampleBuffer> _windows = [];

    /// <summary>False when a chunk has windows outside the times that the index gives it, which may overlap other runs.</summary>
    public bool TryMerge(SeriesBatch batch, ReadOnlySpan<Piece> run, bool trustTimes)
    {
        _pieces.Clear();
        _windows.Clear();
        foreach (Piece piece in run)
        {
            if (piece.Chunk.Encoding != ChunkEncoding.Aggregate || Decode(batch, piece) is not { } decoded) continue;
            SampleBuffer windows = WindowsOf(batch, decoded, piece, _pieces.Count);
            if (windows.Count == 0) continue;
            if (trustTimes && (windows.Times[0] < piece.Chunk.Meta.MinTimeMs || windows.Times[^1] > piece.Chunk.Meta.MaxTimeMs)) return false;
            _pieces.Add(decoded);
            _windows.Add(windows);
        }

        if (_pieces.Count == 0) return true;
        if (!trustTimes) _windows.Sort(static (a, b) => a.Times[0].CompareTo(b.Times[0]));
        var selected = new SampleBuffer();
        _fold.MergeWindows(CollectionsMarshal.AsSpan(_windows), selected);
        Write(batch, selected);
        return true;
    }

    private static AggregatePiece? Decode(SeriesBatch batch, in Piece piece)
    {
        try
        {
            ReadOnlyMemory<byte> data = batch.Input.Slice(piece.Chunk.DataOffset, piece.Chunk.DataLength);
            return AggregatePiece.Decode(new Chunk(ChunkEncoding.Aggregate, data));
        }
        catch (TsdbCorruptionException e)
        {
            batch.Report(piece.Chunk, RepairKind.Undecodable, e.Message);
            return null;
        }
    }

    private static SampleBuffer WindowsOf(SeriesBatch batch, AggregatePiece decoded, in Piece piece, int number)
    {
        var windows = new SampleBuffer();
        var fallen = 0;
        long last = long.MinValue;
        for (var i = 0; i < decoded.Windows.Length; i++)
        {
            long time = decoded.Windows[i];
            // Windows out of order can't be told from damage; those that ascend are kept.
            if (i > 0 && time <= last)
            {
                fallen++;
                continue;
            }

            last = time;
            if (time >= piece.MinMs && time <= piece.MaxMs && !IsDeleted(time, piece.Deleted)) windows.Add(time, (number * PieceStep) + i);
        }

        if (fallen > 0) batch.Report(piece.Chunk, RepairKind.Undecodable, $"{fallen} windows of the chunk do not ascend in time and are left out");
        return windows;
    }

    private static bool IsDeleted(long time, TimeRange[] deleted)
    {
        foreach (TimeRange range in deleted)
            if (range.MinMs <= time && time <= range.MaxMs) return true;
        return false;
    }

    private void Write(SeriesBatch batch, SampleBuffer selected)
    {
        _writer.StartSeries();
        AggregatePiece? before = null;
        long lastWindow = 0;
        for (var i = 0; i < selected.Count; i++)
        {
            long window = selected.Times[i];
            AggregatePiece piece = _pieces[(int)(selected.Values[i] / PieceStep)];
            bool isNewChunk = before is null || before.IsHistogram != piece.IsHistogram || _writer.Windows == ChunkCutter.SamplesPerChunk;
            if (isNewChunk && before is not null) EndChunk(batch, before, lastWindow);
            if (piece.IsHistogram) WriteHistograms(batch, piece, window);
            else WriteFloats(piece, before is { IsHistogram: false } ? before : null, window, lastWindow, isNewChunk);
            before = piece;
            lastWindow = window;
        }

        EndChunk(batch, before!, lastWindow);
    }

    private void WriteFloats(AggregatePiece piece, AggregatePiece? before, long window, long lastWindow, bool isNewChunk)
    {
        for (var aggregate = Aggregate.Count; aggregate <= Aggregate.Max; aggregate++)
            if (piece.TryFloat(aggregate, window, out double value)) _writer.Add(aggregate, window, value);
        if (!TryTotal(piece, window, out double total))
        {
            _writer.EndWindow(window);
            return;
        }

        if (before is null)
        {
            if (piece.TryFirstRaw(window, out long time, out double first)) _writer.Add(Aggregate.Counter, time, first);
        }
        else if (before != piece && (before.HasResets || piece.HasResets))
        {
            // Where totals went away from raw values the step between two chunks is told by a second sample at the time of the last one:
            // what the new chunk goes on from.
            double from = piece.TryTotalAt(lastWindow, out double here) ? here
                : before.TryLastRaw(lastWindow, out double raw) ? raw
                : before.TryTotalAt(lastWindow, out double there) ? there : total;
            _writer.Add(Aggregate.Counter, lastWindow, from);
        }
        else if (isNewChunk && before.TryTotalAt(lastWindow, out double last))
        {
            _writer.Add(Aggregate.Counter, lastWindow, last);
        }

        _writer.Add(Aggregate.Counter, window, total);
        _writer.EndWindow(window);
    }

    private static bool TryTotal(AggregatePiece piece, long window, out double total)
    {
        bool found = piece.TryTotalAt(window, out total);
        return found && piece.Windows.AsSpan().BinarySearch(window) >= 0;
    }

    private void WriteHistograms(SeriesBatch batch, AggregatePiece piece, long window)
    {
        piece.TryFloat(Aggregate.Count, window, out double count);
        FloatHistogram? sum = piece.HistogramOf(Aggregate.Sum, window), counter = piece.HistogramOf(Aggregate.Counter, window);
        if (_writer.TryAddWindow(window, count, sum, counter)) return;
        _writer.Flush(batch);
        _writer.TryAddWindow(window, count, sum, counter);
    }

    private void EndChunk(SeriesBatch batch, AggregatePiece last, long lastWindow)
    {
        if (!last.IsHistogram)
        {
            if (last.TryLastRaw(lastWindow, out double value) || last.TryTotalAt(lastWindow, out value))
                _writer.Add(Aggregate.Counter, lastWindow, value);
        }

        _writer.Flush(batch);
    }
}
