using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Walks an integer-histogram chunk, with or without start timestamps (format notes F-6.13 … F-6.18, F-6.24). All histograms of a chunk
/// share the arrays of its layout.
/// </summary>
internal ref struct HistogramChunkReader
{
    private readonly HistogramChunkHeader _header;
    private BitReader _bits;
    private StartTimeReader _start;
    private HistogramLayout _layout = HistogramLayout.Empty;
    private XorValue _sum;
    private long _timeDelta;
    private long _countDelta;
    private long _zeroDelta;
    private ulong _count;
    private ulong _zeroCount;

    // Positive buckets first, then negative; the stored deltas and how they changed from sample to sample.
    private long[] _buckets = [];
    private long[] _changes = [];
    private int _index = -1;

    public HistogramChunkReader(Chunk chunk)
    {
        ReadOnlySpan<byte> data = chunk.Data.Span;
        _header = HistogramChunkHeader.Read(chunk.Encoding, data);
        _bits = new BitReader(data, HistogramChunkHeader.Bytes * 8);
        _start = new StartTimeReader(_header.StartTimes);
        HasStartTimes = chunk.Encoding == ChunkEncoding.HistogramSt;
    }

    public readonly int Count => _header.Count;

    public bool HasStartTimes { get; }

    public long TimeMs { get; private set; }

    public readonly long StartMs => _start.StartMs;

    public readonly bool IsStale => StaleMarker.Is(_sum.Value);

    /// <exception cref="TsdbCorruptionException">The sample is damaged or cut off.</exception>
    public bool MoveNext()
    {
        if (_index + 1 >= _header.Count) return false;
        _index++;
        long previousTime = TimeMs;
        if (_index == 0) ReadFirst();
        else ReadNext();
        if (HasStartTimes)
        {
            if (_index == 0) _start.ReadFirst(ref _bits, TimeMs);
            else _start.ReadNext(ref _bits, _index, previousTime);
        }

        if (_bits.Failed)
            TsdbCorruptionException.Throw(_bits.Position >> 3, $"histogram chunk: damaged at sample {_index} of {_header.Count}");
        return true;
    }

    public readonly Histogram ToHistogram()
    {
        if (IsStale) return new Histogram { Sum = _sum.Value };
        return new Histogram
        {
            CounterResetHint = _header.HintOf(_index),
            Schema = _layout.Schema,
            ZeroThreshold = _layout.ZeroThreshold,
            ZeroCount = _zeroCount,
            Count = _count,
            Sum = _sum.Value,
            PositiveSpans = _layout.PositiveSpans,
            NegativeSpans = _layout.NegativeSpans,
            PositiveBuckets = _buckets[.._layout.PositiveBuckets],
            NegativeBuckets = _buckets[_layout.PositiveBuckets..],
            CustomValues = _layout.CustomValues,
        };
    }

    public readonly FloatHistogram ToFloatHistogram()
    {
        if (IsStale) return new FloatHistogram { Sum = _sum.Value };
        return new FloatHistogram
        {
            CounterResetHint = _header.HintOf(_index),
            Schema = _layout.Schema,
            ZeroThreshold = _layout.ZeroThreshold,
            ZeroCount = _zeroCount,
            Count = _count,
            Sum = _sum.Value,
            PositiveSpans = _layout.PositiveSpans,
            NegativeSpans = _layout.NegativeSpans,
            PositiveBuckets = Absolute(_buckets.AsSpan(0, _layout.PositiveBuckets)),
            NegativeBuckets = Absolute(_buckets.AsSpan(_layout.PositiveBuckets)),
            CustomValues = _layout.CustomValues,
        };
    }

    private void ReadFirst()
    {
        _layout = HistogramLayout.Read(ref _bits);
        int buckets = _layout.PositiveBuckets + _layout.NegativeBuckets;
        if (buckets > _bits.RemainingBits) _bits.Fail();
        if (_bits.Failed) return;
        _buckets = new long[buckets];
        _changes = new long[buckets];
        TimeMs = _bits.ReadVarbitInt();
        _count = _bits.ReadVarbitUInt();
        _zeroCount = _bits.ReadVarbitUInt();
        _sum.Bits = _bits.ReadBits(64);
        if (IsStale) return;
        foreach (ref long bucket in _buckets.AsSpan()) bucket = _bits.ReadVarbitInt();
    }

    private void ReadNext()
    {
        unchecked
        {
            _timeDelta += _bits.ReadVarbitInt();
            TimeMs += _timeDelta;
            _countDelta += _bits.ReadVarbitInt();
            _count += (ulong)_countDelta;
            _zeroDelta += _bits.ReadVarbitInt();
            _zeroCount += (ulong)_zeroDelta;
            _sum.Read(ref _bits);
            if (IsStale) return;
            for (var i = 0; i < _buckets.Length; i++)
            {
                _changes[i] += _bits.ReadVarbitInt();
                _buckets[i] += _changes[i];
            }
        }
    }

    private static double[] Absolute(ReadOnlySpan<long> deltas)
    {
        if (deltas.IsEmpty) return [];
        var counts = new double[deltas.Length];
        long running = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            running = unchecked(running + deltas[i]);
            counts[i] = running;
        }

        return counts;
    }
}
