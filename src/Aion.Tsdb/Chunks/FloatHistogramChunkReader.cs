using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Walks a float-histogram chunk, with or without start timestamps (format notes F-6.19). Layout arrays are shared by all samples.
/// </summary>
internal ref struct FloatHistogramChunkReader
{
    private readonly HistogramChunkHeader _header;
    private BitReader _bits;
    private StartTimeReader _start;
    private HistogramLayout _layout = HistogramLayout.Empty;
    private XorValue _count;
    private XorValue _zeroCount;
    private XorValue _sum;

    // Positive buckets first, then negative.
    private XorValue[] _buckets = [];
    private long _timeDelta;
    private int _index = -1;

    public FloatHistogramChunkReader(Chunk chunk)
    {
        ReadOnlySpan<byte> data = chunk.Data.Span;
        _header = HistogramChunkHeader.Read(chunk.Encoding, data);
        _bits = new BitReader(data, HistogramChunkHeader.Bytes * 8);
        _start = new StartTimeReader(_header.StartTimes);
        HasStartTimes = chunk.Encoding == ChunkEncoding.FloatHistogramSt;
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
            TsdbCorruptionException.Throw(_bits.Position >> 3, $"float histogram chunk: damaged at sample {_index} of {_header.Count}");
        return true;
    }

    public readonly FloatHistogram ToFloatHistogram()
    {
        if (IsStale) return new FloatHistogram { Sum = _sum.Value };
        return new FloatHistogram
        {
            CounterResetHint = _header.HintOf(_index),
            Schema = _layout.Schema,
            ZeroThreshold = _layout.ZeroThreshold,
            ZeroCount = _zeroCount.Value,
            Count = _count.Value,
            Sum = _sum.Value,
            PositiveSpans = _layout.PositiveSpans,
            NegativeSpans = _layout.NegativeSpans,
            PositiveBuckets = Values(_buckets.AsSpan(0, _layout.PositiveBuckets)),
            NegativeBuckets = Values(_buckets.AsSpan(_layout.PositiveBuckets)),
            CustomValues = _layout.CustomValues,
        };
    }

    private void ReadFirst()
    {
        _layout = HistogramLayout.Read(ref _bits);
        long buckets = (long)_layout.PositiveBuckets + _layout.NegativeBuckets;
        // A bucket of the first histogram takes a whole word.
        if (buckets > _bits.RemainingBits / 64) _bits.Fail();
        if (_bits.Failed) return;
        _buckets = new XorValue[buckets];
        TimeMs = _bits.ReadVarbitInt();
        _count.Bits = _bits.ReadBits(64);
        _zeroCount.Bits = _bits.ReadBits(64);
        _sum.Bits = _bits.ReadBits(64);
        if (IsStale) return;
        foreach (ref XorValue bucket in _buckets.AsSpan()) bucket.Bits = _bits.ReadBits(64);
    }

    private void ReadNext()
    {
        _timeDelta = unchecked(_timeDelta + _bits.ReadVarbitInt());
        TimeMs = unchecked(TimeMs + _timeDelta);
        _count.Read(ref _bits);
        _zeroCount.Read(ref _bits);
        _sum.Read(ref _bits);
        if (IsStale) return;
        foreach (ref XorValue bucket in _buckets.AsSpan()) bucket.Read(ref _bits);
    }

    private static double[] Values(ReadOnlySpan<XorValue> buckets)
    {
        if (buckets.IsEmpty) return [];
        var values = new double[buckets.Length];
        for (var i = 0; i < values.Length; i++) values[i] = buckets[i].Value;
        return values;
    }
}
