namespace Aion.Compactor;

/// <summary>The windows of one aggregate chunk of floats, an array for each aggregate, so that each is encoded in one go. Reusable; not thread-safe.</summary>
internal sealed class FloatWindows
{
    // Counters have a sample in front of the first window, and one behind the last.
    private long[] _times = new long[162];
    private double[] _counts = new double[160];
    private double[] _sums = new double[160];
    private double[] _mins = new double[160];
    private double[] _maxs = new double[160];
    private double[] _counters = new double[162];
    private int _count;
    private long _endMs;
    private double _end;

    /// <summary>Starts with the first raw sample.</summary>
    public void Clear(long timestampMs, double value)
    {
        _count = 0;
        _times[0] = timestampMs;
        _counters[0] = value;
    }

    public void Add(long timestampMs, int count, double sum, double min, double max, double counter)
    {
        if (_count == _sums.Length) Grow();
        _counts[_count] = count;
        _sums[_count] = sum;
        _mins[_count] = min;
        _maxs[_count] = max;
        _count++;
        _times[_count] = timestampMs;
        _counters[_count] = counter;
    }

    /// <summary>Ends with the last raw value.</summary>
    public void AddLast(long timestampMs, double value) => (_endMs, _end) = (timestampMs, value);

    public void WriteTo(AggregateChunkWriter writer)
    {
        ReadOnlySpan<long> times = _times.AsSpan(1, _count);
        writer.AddRange(Aggregate.Count, times, _counts.AsSpan(0, _count));
        writer.AddRange(Aggregate.Sum, times, _sums.AsSpan(0, _count));
        writer.AddRange(Aggregate.Min, times, _mins.AsSpan(0, _count));
        writer.AddRange(Aggregate.Max, times, _maxs.AsSpan(0, _count));
        _times[_count + 1] = _endMs;
        _counters[_count + 1] = _end;
        writer.AddRange(Aggregate.Counter, _times.AsSpan(0, _count + 2), _counters.AsSpan(0, _count + 2));
        writer.EndWindows(times);
    }

    private void Grow()
    {
        int size = _sums.Length * 2;
        Array.Resize(ref _counts, size);
        Array.Resize(ref _sums, size);
        Array.Resize(ref _mins, size);
        Array.Resize(ref _maxs, size);
        Array.Resize(ref _times, size + 2);
        Array.Resize(ref _counters, size + 2);
    }
}
