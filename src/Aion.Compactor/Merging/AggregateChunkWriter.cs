using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor;

/// <summary>
/// Collects windows of downsampled data and writes them as one aggregate chunk (format notes F-7). Windows are of floats or of histograms,
/// never both in one chunk. Reusable; not thread-safe.
/// </summary>
internal sealed class AggregateChunkWriter
{
    private readonly XorChunkWriter[] _floats = [new(), new(), new(), new(), new()];
    private readonly List<HistogramWindow> _windows = [];
    private FloatHistogramChunkWriter? _sum;
    private FloatHistogramChunkWriter? _counter;
    private CounterResetHeader _nextHeader = CounterResetHeader.NotReset;
    private long _minMs;
    private long _maxMs;

    /// <summary>Windows since the last flush.</summary>
    public int Windows { get; private set; }

    /// <summary>Adds a value to one of the float aggregates; a window has one of each, the counter some more (F-7.4).</summary>
    public void Add(Aggregate aggregate, long timestampMs, double value) => _floats[(int)aggregate].Append(timestampMs, value);

    /// <summary>The same for many windows, or counter samples, at once.</summary>
    public void AddRange(Aggregate aggregate, ReadOnlySpan<long> times, ReadOnlySpan<double> values) =>
        _floats[(int)aggregate].AppendRange(times, values);

    /// <summary>Counts windows; call once for each, after their values.</summary>
    public void EndWindows(ReadOnlySpan<long> times)
    {
        if (times.IsEmpty) return;
        if (Windows == 0) _minMs = times[0];
        _maxMs = times[^1];
        Windows += times.Length;
    }

    /// <summary>Counts a window; call once for each, after its values.</summary>
    public void EndWindow(long timestampMs)
    {
        if (Windows++ == 0) _minMs = timestampMs;
        _maxMs = timestampMs;
    }

    /// <summary>
    /// Adds a window of histograms. False when its layout does not fit the chunk: flush, and add it again. The histograms are kept until
    /// then and must not change.
    /// </summary>
    public bool TryAddWindow(long timestampMs, double count, FloatHistogram? sum, FloatHistogram? counter)
    {
        if (sum is not null)
        {
            _sum ??= new FloatHistogramChunkWriter();
            if (_sum.TryAppend(timestampMs, sum, out _) == HistogramAppendResult.NewChunk) return false;
        }

        if (counter is not null)
        {
            _counter ??= new FloatHistogramChunkWriter(_nextHeader);
            if (_counter.TryAppend(timestampMs, counter, out CounterResetHeader header) == HistogramAppendResult.NewChunk)
            {
                _nextHeader = header;
                TakeBackSum();
                return false;
            }
        }

        _windows.Add(new HistogramWindow(timestampMs, sum));
        Add(Aggregate.Count, timestampMs, count);
        EndWindow(timestampMs);
        return true;
    }

    /// <summary>Writes what was collected into the batch's output, if there is any, and starts afresh.</summary>
    public void Flush(SeriesBatch batch)
    {
        if (Windows > 0)
        {
            Chunk sum = _sum?.ToChunk() ?? default, counter = _counter?.ToChunk() ?? default;
            Emit(batch, sum, counter);
        }

        foreach (XorChunkWriter writer in _floats) writer.Clear();
        _windows.Clear();
        _sum = _counter = null;
        Windows = 0;
    }

    /// <summary>Forgets what a chunk before this one says of the first counter.</summary>
    public void StartSeries() => _nextHeader = CounterResetHeader.NotReset;

    private void Emit(SeriesBatch batch, Chunk sum, Chunk counter)
    {
        var dataLength = 0;
        for (var slot = 0; slot < AggregateParts.Slots; slot++)
        {
            int length = LengthOf(slot, sum, counter);
            dataLength += AggregateChunkCodec.SlotSize(length);
        }

        int offset = batch.Output.Length;
        int recordLength = ChunkRecord.SizeOf(dataLength);
        Span<byte> record = batch.Output.Add(recordLength);
        Span<byte> data = record.Slice(ChunkRecord.DataOffset(dataLength), dataLength);
        for (var slot = 0; slot < AggregateParts.Slots; slot++)
        {
            Chunk histogram = HistogramOf(slot, sum, counter);
            int length = LengthOf(slot, sum, counter);
            Span<byte> body = AggregateChunkCodec.WriteSlotHead(data, length, histogram.IsEmpty ? ChunkEncoding.Xor : histogram.Encoding, out data);
            if (!histogram.IsEmpty) histogram.Data.Span.CopyTo(body);
            else if (length > 0) _floats[slot].CopyTo(body);
        }

        ChunkRecord.WriteAround(record, ChunkEncoding.Aggregate, dataLength);
        batch.Results.Add(new OutputChunk(_minMs, _maxMs, offset, recordLength, IsEncoded: true));
        batch.Counts.Encoded++;
    }

    private static Chunk HistogramOf(int slot, Chunk sum, Chunk counter) => (Aggregate)slot switch
    {
        Aggregate.Sum => sum,
        Aggregate.Counter => counter,
        _ => default,
    };

    private int LengthOf(int slot, Chunk sum, Chunk counter)
    {
        Chunk histogram = HistogramOf(slot, sum, counter);
        if (!histogram.IsEmpty) return histogram.Data.Length;
        return _floats[slot].Count == 0 ? 0 : _floats[slot].SizeBytes;
    }

    /// <summary>The sum took the window that the counter refused: write the sums before it anew.</summary>
    private void TakeBackSum()
    {
        _sum = null;
        foreach (HistogramWindow window in _windows)
        {
            if (window.Sum is null) continue;
            _sum ??= new FloatHistogramChunkWriter();
            _sum.TryAppend(window.TimestampMs, window.Sum, out _);
        }
    }

    private readonly record struct HistogramWindow(long TimestampMs, FloatHistogram? Sum);
}
