using Aion.Model;

namespace Aion.Storage;

/// <summary>
/// Decoded samples of one series as parallel arrays, the form in which chunks decode and operators compute. Reusable; not thread-safe.
/// </summary>
/// <remarks>
/// Histograms take a side path: <see cref="Histograms"/> stays null until the first one; then its entry is non-null exactly where the
/// sample is a histogram, and the value at that index is meaningless. Start timestamps likewise.
/// </remarks>
public sealed class SampleBuffer
{
    private long[] _times = [];
    private double[] _values = [];
    private FloatHistogram?[]? _histograms;
    private long[]? _startTimes;

    public int Count { get; private set; }

    public ReadOnlySpan<long> Times => _times.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>
    /// The distance of any two neighbours where it is the same for all, as it mostly is; 0 where it is not, or where nobody looked. Readers
    /// then compute positions instead of searching them.
    /// </summary>
    public long IntervalMs { get; private set; }

    public bool HasHistograms { get; private set; }

    public bool HasStartTimes { get; private set; }

    /// <summary>Per sample its histogram or null for a float; empty when the series holds floats only.</summary>
    public ReadOnlySpan<FloatHistogram?> Histograms => HasHistograms ? _histograms.AsSpan(0, Count) : [];

    /// <summary>Per sample the start timestamp in milliseconds, 0 = unknown; empty when no sample has one.</summary>
    public ReadOnlySpan<long> StartTimes => HasStartTimes ? _startTimes.AsSpan(0, Count) : [];

    /// <summary>Bytes that the arrays hold, by capacity; for memory budgets.</summary>
    public long CapacityBytes =>
        (long)_times.Length * 16 + (_histograms?.Length ?? 0) * 8L + (_startTimes?.Length ?? 0) * 8L;

    public void Clear()
    {
        if (HasHistograms) Array.Clear(_histograms!, 0, Count);
        Count = 0;
        IntervalMs = 0;
        HasHistograms = false;
        HasStartTimes = false;
    }

    /// <summary>Makes room for <paramref name="more"/> samples and gives the free tails to a bulk decoder; then <see cref="Advance"/>.</summary>
    public void Reserve(int more, out Span<long> times, out Span<double> values)
    {
        Grow(Count + more);
        times = _times.AsSpan(Count, more);
        values = _values.AsSpan(Count, more);
    }

    /// <summary>Takes <paramref name="written"/> samples that were written into the reserved tails.</summary>
    /// <param name="intervalMs">Their distance from one another if it is the same for all; 0 = not known.</param>
    public void Advance(int written, long intervalMs = 0)
    {
        if (written > 0) IntervalMs = IntervalWith(written, intervalMs);
        if (HasHistograms) Array.Clear(_histograms!, Count, written);
        if (HasStartTimes) Array.Clear(_startTimes!, Count, written);
        Count += written;
    }

    public void Add(long timestampMs, double value)
    {
        Grow(Count + 1);
        _times[Count] = timestampMs;
        _values[Count] = value;
        Advance(1);
    }

    public void Add(long timestampMs, FloatHistogram histogram)
    {
        Grow(Count + 1);
        UseHistograms(Count);
        _times[Count] = timestampMs;
        _values[Count] = 0;
        _histograms![Count] = histogram;
        if (HasStartTimes) _startTimes![Count] = 0;
        IntervalMs = IntervalWith(1, 0);
        Count++;
    }

    /// <summary>Appends a stretch of another buffer; the histograms are shared, not copied.</summary>
    public void AddRange(SampleBuffer source, int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from + count, source.Count);
        if (count == 0) return;
        int start = Count;
        Reserve(count, out Span<long> times, out Span<double> values);
        source._times.AsSpan(from, count).CopyTo(times);
        source._values.AsSpan(from, count).CopyTo(values);
        Advance(count, source.IntervalMs);
        if (source.HasHistograms)
        {
            UseHistograms(start);
            source._histograms.AsSpan(from, count).CopyTo(_histograms.AsSpan(start));
        }

        if (!source.HasStartTimes) return;
        for (var i = 0; i < count; i++) SetStartTime(start + i, source._startTimes![from + i]);
    }

    /// <summary>Puts another histogram in the place of the one at <paramref name="index"/>.</summary>
    public void SetHistogram(int index, FloatHistogram histogram)
    {
        if (!HasHistograms || _histograms![index] is null) throw new ArgumentException("the sample is no histogram", nameof(index));
        _histograms[index] = histogram;
    }

    /// <summary>Sets the start timestamp of the sample at <paramref name="index"/>.</summary>
    public void SetStartTime(int index, long startMs)
    {
        if (!HasStartTimes)
        {
            if (startMs == 0) return;
            if (_startTimes is null || _startTimes.Length < _times.Length) _startTimes = new long[_times.Length];
            else Array.Clear(_startTimes, 0, Count);
            HasStartTimes = true;
        }

        _startTimes![index] = startMs;
    }

    /// <summary>Keeps only the samples in <c>[from, from + count)</c>, moved to the front.</summary>
    public void Slice(int from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from + count, Count);
        if (from > 0)
        {
            Array.Copy(_times, from, _times, 0, count);
            Array.Copy(_values, from, _values, 0, count);
            if (HasHistograms) Array.Copy(_histograms!, from, _histograms!, 0, count);
            if (HasStartTimes) Array.Copy(_startTimes!, from, _startTimes!, 0, count);
        }

        if (HasHistograms) Array.Clear(_histograms!, count, Count - count);
        Count = count;
        if (count < 2) IntervalMs = 0;
    }

    /// <summary>The interval of what is here and of what was written behind it.</summary>
    private long IntervalWith(int written, long intervalMs)
    {
        if (Count == 0) return written > 1 ? intervalMs : 0;
        long gap = _times[Count] - _times[Count - 1];
        bool fits = gap > 0 && (Count == 1 || gap == IntervalMs) && (written == 1 || gap == intervalMs);
        return fits ? gap : 0;
    }

    /// <summary>Makes the side array ready; the entries before <paramref name="floats"/> are floats.</summary>
    private void UseHistograms(int floats)
    {
        if (HasHistograms) return;
        if (_histograms is null || _histograms.Length < _times.Length) _histograms = new FloatHistogram?[_times.Length];
        else Array.Clear(_histograms, 0, floats);
        HasHistograms = true;
    }

    private void Grow(int needed)
    {
        if (needed <= _times.Length) return;
        int capacity = Math.Max(needed, Math.Max(128, _times.Length * 2));
        Array.Resize(ref _times, capacity);
        Array.Resize(ref _values, capacity);
        if (HasHistograms) Array.Resize(ref _histograms, capacity);
        else _histograms = null;
        if (HasStartTimes) Array.Resize(ref _startTimes, capacity);
        else _startTimes = null;
    }
}
