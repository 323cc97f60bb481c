using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Encodes float histograms into one chunk and decides what still fits it (format notes F-6.13 … F-6.23). Unlike integer chunks, the header
/// of
/// a new chunk only tells reset from no reset. Not thread-safe.
/// </summary>
/// <param name="header">What the chunk says of its first sample, unless that sample's hint is a reset or a gauge.</param>
/// <param name="withStartTimes">Write the encoding that holds start timestamps, which has room for fewer samples.</param>
public sealed class FloatHistogramChunkWriter(CounterResetHeader header = CounterResetHeader.Unknown, bool withStartTimes = false)
{
    private readonly BitWriter _bits = new();
    private HistogramLayout _layout = HistogramLayout.Empty;
    private BucketSides _sides = new([], []);
    private XorValue _count;
    private XorValue _zeroCount;
    private XorValue _sum;

    // Positive, then negative.
    private XorValue[] _buckets = [];
    private long _timeMs;
    private long _timeDelta;
    private StartTimeWriter _start;

    public CounterResetHeader Header { get; private set; } = header;

    public int Count { get; private set; }

    /// <summary>As many as the header can count.</summary>
    public int MaxSamples { get; } = withStartTimes ? HistogramChunkHeader.MaxCountWithStartTimes : ushort.MaxValue;

    public int SizeBytes => HistogramChunkHeader.Bytes + _bits.SizeBytes;

    private bool LastIsStale => Count > 0 && StaleMarker.Is(_sum.Value);

    /// <summary>
    /// The writer of a series' first chunk, or of one after a chunk of the same kind: the header says what happened in between.
    /// </summary>
    public static FloatHistogramChunkWriter Start(long timestampMs, FloatHistogram first, FloatHistogramChunkWriter? previous = null)
    {
        var writer = new FloatHistogramChunkWriter(previous is null ? CounterResetHeader.Unknown : previous.Judge(first, out _));
        writer.TryAppend(timestampMs, first, out _);
        return writer;
    }

    /// <inheritdoc cref="HistogramChunkWriter.TryAppend"/>
    public HistogramAppendResult TryAppend(long timestampMs, FloatHistogram histogram, out CounterResetHeader newHeader, long startMs = 0)
    {
        newHeader = Header;
        if (Count == 0)
        {
            if (histogram.CounterResetHint == CounterResetHint.Gauge) Header = CounterResetHeader.Gauge;
            else if (histogram.CounterResetHint == CounterResetHint.Reset) Header = CounterResetHeader.Reset;
            WriteFirst(timestampMs, histogram, startMs);
            return HistogramAppendResult.Appended;
        }

        newHeader = Judge(histogram, out bool fits);
        if (!fits || Count == MaxSamples) return HistogramAppendResult.NewChunk;
        if (StaleMarker.Is(histogram.Sum))
        {
            WriteNext(timestampMs, new FloatHistogram { Sum = histogram.Sum }, [], startMs);
            return HistogramAppendResult.Appended;
        }

        BucketSides added = SidesOf(histogram);
        HistogramLayout layout = BucketSides.Join(_layout, _sides, LayoutOf(histogram), added, out BucketSides joined);
        bool recode = !joined.SameAs(_sides);
        if (recode) Recode(layout, joined);
        WriteNext(timestampMs, histogram, Widened(histogram, added, joined), startMs);
        return recode ? HistogramAppendResult.Recoded : HistogramAppendResult.Appended;
    }

    /// <summary>A copy of the chunk as it is now.</summary>
    public Chunk ToChunk()
    {
        var data = new byte[SizeBytes];
        HistogramChunkHeader.Write(data, Count, Header, withStartTimes, _start.Header);
        _bits.CopyTo(data.AsSpan(HistogramChunkHeader.Bytes));
        return new Chunk(withStartTimes ? ChunkEncoding.FloatHistogramSt : ChunkEncoding.FloatHistogram, data);
    }

    private CounterResetHeader Judge(FloatHistogram next, out bool fits)
    {
        fits = false;
        bool stale = StaleMarker.Is(next.Sum);
        if (next.CounterResetHint == CounterResetHint.Gauge)
        {
            fits = Header == CounterResetHeader.Gauge && (stale || (!LastIsStale && SameKind(next) && SameBounds(next)));
            return CounterResetHeader.Gauge;
        }

        if (Header == CounterResetHeader.Gauge) return CounterResetHeader.NotReset;
        if (next.CounterResetHint == CounterResetHint.Reset) return CounterResetHeader.Reset;
        if (!stale)
        {
            if (LastIsStale) return CounterResetHeader.NotReset;
            if (next.Count < _count.Value) return CounterResetHeader.Reset;
            if (!SameKind(next)) return CounterResetHeader.NotReset;
            if (!SameBounds(next) || next.ZeroCount < _zeroCount.Value || AnyBucketDecreased(next)) return CounterResetHeader.Reset;
        }

        fits = true;
        return CounterResetHeader.NotReset;
    }

    private bool SameKind(FloatHistogram h) => h.Schema == _layout.Schema && h.ZeroThreshold == _layout.ZeroThreshold;

    private bool SameBounds(FloatHistogram h) => !h.UsesCustomBuckets || h.CustomValues.AsSpan().SequenceEqual(_layout.CustomValues);

    private bool AnyBucketDecreased(FloatHistogram next)
    {
        BucketSides sides = SidesOf(next);
        double[] last = [.. _buckets.Select(b => b.Value)];
        return BucketIndices.AnyDecreased<double>(last.AsSpan(0, _layout.PositiveBuckets), _sides.Positive, next.PositiveBuckets, sides.Positive)
            || BucketIndices.AnyDecreased<double>(last.AsSpan(_layout.PositiveBuckets), _sides.Negative, next.NegativeBuckets, sides.Negative);
    }

    private void WriteFirst(long timestampMs, FloatHistogram h, long startMs)
    {
        if (StaleMarker.Is(h.Sum)) h = new FloatHistogram { Sum = h.Sum };
        _layout = LayoutOf(h);
        _sides = SidesOf(h);
        _buckets = [.. h.PositiveBuckets.Concat(h.NegativeBuckets).Select(First)];
        (_count, _zeroCount, _sum) = (First(h.Count), First(h.ZeroCount), First(h.Sum));
        _timeMs = timestampMs;
        _timeDelta = 0;
        _layout.Write(_bits);
        _bits.WriteVarbitInt(timestampMs);
        _bits.WriteBits(_count.Bits, 64);
        _bits.WriteBits(_zeroCount.Bits, 64);
        _bits.WriteBits(_sum.Bits, 64);
        foreach (XorValue bucket in _buckets) _bits.WriteBits(bucket.Bits, 64);
        if (withStartTimes) _start.WriteFirst(_bits, timestampMs, startMs);
        Count = 1;
    }

    private void WriteNext(long timestampMs, FloatHistogram h, double[] buckets, long startMs)
    {
        long timeDelta = unchecked(timestampMs - _timeMs);
        _bits.WriteVarbitInt(unchecked(timeDelta - _timeDelta));
        _count.Write(_bits, h.Count);
        _zeroCount.Write(_bits, h.ZeroCount);
        _sum.Write(_bits, h.Sum);
        for (var i = 0; i < buckets.Length; i++) _buckets[i].Write(_bits, buckets[i]);
        if (withStartTimes) _start.WriteNext(_bits, Count, _timeMs, startMs);
        (_timeMs, _timeDelta) = (timestampMs, timeDelta);
        Count++;
    }

    /// <summary>Writes all samples anew in a layout with more buckets.</summary>
    private void Recode(HistogramLayout layout, BucketSides sides)
    {
        var samples = new SampleBuffer();
        ChunkDecoder.Decode(ToChunk(), samples, long.MinValue, long.MaxValue);
        BucketSides old = _sides;
        _bits.Clear();
        _start = default;
        Count = 0;
        for (var i = 0; i < samples.Count; i++)
        {
            FloatHistogram wide = samples.Histograms[i]!;
            double[] buckets = Widened(wide, old, sides);
            long start = samples.HasStartTimes ? samples.StartTimes[i] : 0;
            wide.PositiveSpans = layout.PositiveSpans;
            wide.NegativeSpans = layout.NegativeSpans;
            wide.PositiveBuckets = buckets[..sides.Positive.Length];
            wide.NegativeBuckets = buckets[sides.Positive.Length..];
            if (Count == 0) WriteFirst(samples.Times[i], wide, start);
            else WriteNext(samples.Times[i], wide, buckets, start);
        }
    }

    private static XorValue First(double value)
    {
        XorValue first = XorValue.ForWriting;
        first.Bits = BitConverter.DoubleToUInt64Bits(value);
        return first;
    }

    private static HistogramLayout LayoutOf(FloatHistogram h) =>
        new(h.Schema, h.ZeroThreshold, h.PositiveSpans, h.NegativeSpans, h.UsesCustomBuckets ? h.CustomValues : []);

    private static BucketSides SidesOf(FloatHistogram h) => new(
        BucketIndices.Of(h.PositiveSpans, h.PositiveBuckets.Length), BucketIndices.Of(h.NegativeSpans, h.NegativeBuckets.Length));

    private static double[] Widened(FloatHistogram h, BucketSides from, BucketSides to) =>
    [
        .. BucketIndices.Widen<double>(h.PositiveBuckets, from.Positive, to.Positive),
        .. BucketIndices.Widen<double>(h.NegativeBuckets, from.Negative, to.Negative),
    ];
}
