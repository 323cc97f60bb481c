using Aion.Model;
using Aion.Storage;

namespace Aion.Tsdb;

/// <summary>
/// Encodes integer histograms into one chunk and decides what still fits it (format notes F-6.13 … F-6.23). Not thread-safe.
/// </summary>
/// <param name="header">What the chunk says of its first sample, unless that sample's hint is a reset or a gauge.</param>
/// <param name="withStartTimes">Write the encoding that holds start timestamps, which has room for fewer samples.</param>
public sealed class HistogramChunkWriter(CounterResetHeader header = CounterResetHeader.Unknown, bool withStartTimes = false)
{
    private readonly BitWriter _bits = new();
    private HistogramLayout _layout = HistogramLayout.Empty;
    private BucketSides _sides = new([], []);
    private XorValue _sum = XorValue.ForWriting;
    private long _timeMs;
    private long _timeDelta;
    private StartTimeWriter _start;
    private ulong _count;
    private long _countDelta;
    private ulong _zeroCount;
    private long _zeroDelta;

    // Positive, then negative: the last histogram's deltas, and how they changed from the one before.
    private long[] _buckets = [];
    private long[] _changes = [];

    public CounterResetHeader Header { get; private set; } = header;

    public int Count { get; private set; }

    /// <summary>As many as the header can count.</summary>
    public int MaxSamples { get; } = withStartTimes ? HistogramChunkHeader.MaxCountWithStartTimes : ushort.MaxValue;

    public int SizeBytes => HistogramChunkHeader.Bytes + _bits.SizeBytes;

    private bool LastIsStale => Count > 0 && StaleMarker.Is(_sum.Value);

    /// <summary>
    /// The writer of a series' first chunk, or of one after a chunk of the same kind: the header says what happened in between.
    /// </summary>
    public static HistogramChunkWriter Start(long timestampMs, Histogram first, HistogramChunkWriter? previous = null)
    {
        var writer = new HistogramChunkWriter(previous is null ? CounterResetHeader.Unknown : previous.Judge(first, out _));
        writer.TryAppend(timestampMs, first, out _);
        return writer;
    }

    /// <summary>Appends the histogram, or says that it needs a new chunk. The histogram is not kept or changed.</summary>
    /// <param name="timestampMs">After the last one.</param>
    /// <param name="newHeader">With <see cref="HistogramAppendResult.NewChunk"/>: the header of the chunk to start.</param>
    /// <exception cref="ArgumentException">Spans and buckets of the histogram do not fit each other.</exception>
    public HistogramAppendResult TryAppend(long timestampMs, Histogram histogram, out CounterResetHeader newHeader, long startMs = 0)
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
            WriteNext(timestampMs, histogram, [], startMs);
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
        return new Chunk(withStartTimes ? ChunkEncoding.HistogramSt : ChunkEncoding.Histogram, data);
    }

    /// <summary>
    /// What lies between the last histogram here and the next one; the order of the tests is the format's (F-6.20, F-6.22).
    /// </summary>
    private CounterResetHeader Judge(Histogram next, out bool fits)
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
            if (LastIsStale) return CounterResetHeader.Unknown;
            if (next.Count < _count) return CounterResetHeader.Reset;
            if (!SameKind(next)) return CounterResetHeader.Unknown;
            if (!SameBounds(next) || next.ZeroCount < _zeroCount || AnyBucketDecreased(next)) return CounterResetHeader.Reset;
        }

        fits = true;
        return CounterResetHeader.NotReset;
    }

    private bool SameKind(Histogram h) => h.Schema == _layout.Schema && h.ZeroThreshold == _layout.ZeroThreshold;

    private bool SameBounds(Histogram h) =>
        h.Schema != FloatHistogram.CustomBucketsSchema || h.CustomValues.AsSpan().SequenceEqual(_layout.CustomValues);

    private bool AnyBucketDecreased(Histogram next)
    {
        BucketSides sides = SidesOf(next);
        ReadOnlySpan<long> positive = Absolute(_buckets.AsSpan(0, _layout.PositiveBuckets));
        ReadOnlySpan<long> negative = Absolute(_buckets.AsSpan(_layout.PositiveBuckets));
        return BucketIndices.AnyDecreased(positive, _sides.Positive, Absolute(next.PositiveBuckets), sides.Positive)
            || BucketIndices.AnyDecreased(negative, _sides.Negative, Absolute(next.NegativeBuckets), sides.Negative);
    }

    private void WriteFirst(long timestampMs, Histogram h, long startMs)
    {
        bool stale = StaleMarker.Is(h.Sum);
        _layout = stale ? HistogramLayout.Empty : LayoutOf(h);
        _sides = stale ? new BucketSides([], []) : SidesOf(h);
        _buckets = stale ? [] : [.. h.PositiveBuckets, .. h.NegativeBuckets];
        _changes = new long[_buckets.Length];
        _count = stale ? 0 : h.Count;
        _zeroCount = stale ? 0 : h.ZeroCount;
        _sum = XorValue.ForWriting;
        _sum.Bits = BitConverter.DoubleToUInt64Bits(h.Sum);
        _timeMs = timestampMs;
        _timeDelta = _countDelta = _zeroDelta = 0;
        _layout.Write(_bits);
        _bits.WriteVarbitInt(timestampMs);
        _bits.WriteVarbitUInt(_count);
        _bits.WriteVarbitUInt(_zeroCount);
        _bits.WriteBits(_sum.Bits, 64);
        foreach (long bucket in _buckets) _bits.WriteVarbitInt(bucket);
        if (withStartTimes) _start.WriteFirst(_bits, timestampMs, startMs);
        Count = 1;
    }

    private void WriteNext(long timestampMs, Histogram h, long[] buckets, long startMs)
    {
        unchecked
        {
            bool stale = StaleMarker.Is(h.Sum);
            long timeDelta = timestampMs - _timeMs;
            _bits.WriteVarbitInt(timeDelta - _timeDelta);
            long countDelta = stale ? _countDelta : (long)(h.Count - _count);
            long zeroDelta = stale ? _zeroDelta : (long)(h.ZeroCount - _zeroCount);
            _bits.WriteVarbitInt(countDelta - _countDelta);
            _bits.WriteVarbitInt(zeroDelta - _zeroDelta);
            _sum.Write(_bits, h.Sum);
            for (var i = 0; i < buckets.Length; i++)
            {
                long change = buckets[i] - _buckets[i];
                _bits.WriteVarbitInt(change - _changes[i]);
                _changes[i] = change;
                _buckets[i] = buckets[i];
            }

            if (withStartTimes) _start.WriteNext(_bits, Count, _timeMs, startMs);
            (_timeMs, _timeDelta, _countDelta, _zeroDelta) = (timestampMs, timeDelta, countDelta, zeroDelta);
            if (!stale) (_count, _zeroCount) = (h.Count, h.ZeroCount);
            Count++;
        }
    }

    /// <summary>Writes all samples anew in a layout with more buckets.</summary>
    private void Recode(HistogramLayout layout, BucketSides sides)
    {
        List<HistogramSample> samples = ChunkDecoder.DecodeHistograms(ToChunk());
        BucketSides old = _sides;
        _bits.Clear();
        _start = default;
        Count = 0;
        foreach (HistogramSample sample in samples)
        {
            long[] buckets = Widened(sample.Histogram, old, sides);
            Histogram wide = sample.Histogram;
            wide.PositiveSpans = layout.PositiveSpans;
            wide.NegativeSpans = layout.NegativeSpans;
            wide.PositiveBuckets = buckets[..sides.Positive.Length];
            wide.NegativeBuckets = buckets[sides.Positive.Length..];
            if (Count == 0) WriteFirst(sample.TimeMs, wide, sample.StartMs);
            else WriteNext(sample.TimeMs, wide, buckets, sample.StartMs);
        }
    }

    private static HistogramLayout LayoutOf(Histogram h) =>
        new(h.Schema, h.ZeroThreshold, h.PositiveSpans, h.NegativeSpans, h.Schema == FloatHistogram.CustomBucketsSchema ? h.CustomValues : []);

    private static BucketSides SidesOf(Histogram h) => new(
        BucketIndices.Of(h.PositiveSpans, h.PositiveBuckets.Length), BucketIndices.Of(h.NegativeSpans, h.NegativeBuckets.Length));

    private static long[] Widened(Histogram h, BucketSides from, BucketSides to) =>
    [
        .. Deltas(BucketIndices.Widen<long>(Absolute(h.PositiveBuckets), from.Positive, to.Positive)),
        .. Deltas(BucketIndices.Widen<long>(Absolute(h.NegativeBuckets), from.Negative, to.Negative)),
    ];

    private static long[] Absolute(ReadOnlySpan<long> deltas)
    {
        var counts = new long[deltas.Length];
        long running = 0;
        for (var i = 0; i < counts.Length; i++) counts[i] = running = unchecked(running + deltas[i]);
        return counts;
    }

    private static long[] Deltas(long[] counts)
    {
        for (int i = counts.Length - 1; i > 0; i--) counts[i] = unchecked(counts[i] - counts[i - 1]);
        return counts;
    }
}
