using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Adds up a counter over its chunks: a fall is a reset, and a second sample at the time of the last one only says what the raw value is
/// (L-8.16). NaN is passed over.
/// </summary>
internal sealed class CounterResetIterator
{
    private bool _started;
    private long _lastTime;
    private double _lastValue;

    /// <summary>The total so far.</summary>
    public double Total { get; private set; }

    /// <summary>Appends the samples of the next chunk with their totals; times that do not go forward make no sample.</summary>
    public void Add(SampleBuffer chunk, SampleBuffer into)
    {
        ReadOnlySpan<long> times = chunk.Times;
        ReadOnlySpan<double> values = chunk.Values;
        for (var i = 0; i < times.Length; i++)
        {
            if (double.IsNaN(values[i]) || (chunk.HasHistograms && chunk.Histograms[i] is not null)) continue;
            if (Step(times[i], values[i])) into.Add(times[i], Total);
        }
    }

    private bool Step(long time, double value)
    {
        if (_started && time <= _lastTime)
        {
            if (time == _lastTime) _lastValue = value;
            return false;
        }

        Total += !_started || value < _lastValue ? value : value - _lastValue;
        (_started, _lastTime, _lastValue) = (true, time, value);
        return true;
    }
}
