using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>
/// Turns the COUNTER aggregate of downsampled data into one rising run over chunks (L-8.16). Raw samples pass as they are, only shifted
/// to where the run ended, up to their next own reset: so a change from downsampled to raw data is no false reset, and a true one stays.
/// </summary>
internal struct CounterRun
{
    private bool _started;
    private long _lastTime;

    /// <summary>The last true value.</summary>
    private double _last;

    /// <summary>The last value given out.</summary>
    private double _total;

    /// <summary>Reads one counter chunk: window values, then the last true value at the time of the last window.</summary>
    public void AddDownsampled(SampleBuffer chunk, SampleBuffer into)
    {
        for (var i = 0; i < chunk.Count; i++)
        {
            long time = chunk.Times[i];
            if (chunk.HasHistograms && chunk.Histograms[i] is { } histogram)
            {
                if (into.Count == 0 || into.Times[^1] < time) into.Add(time, histogram);
                continue;
            }

            double value = chunk.Values[i];
            if (double.IsNaN(value) || (_started && time < _lastTime)) continue;
            if (_started && time == _lastTime)
            {
                _last = value;
                continue;
            }

            _total = !_started ? value : value >= _last ? _total + (value - _last) : _total + value;
            _started = true;
            _last = value;
            _lastTime = time;
            into.Add(time, _total);
        }
    }

    /// <summary>Takes the raw samples that were appended to <paramref name="into"/> from <paramref name="start"/> on.</summary>
    public void AddRaw(SampleBuffer into, int start)
    {
        double shift = _started ? _total - _last : 0;
        if (shift != 0) Shift(into, start, shift);
        for (int i = into.Count - 1; i >= start; i--)
        {
            if (double.IsNaN(into.Values[i]) || (into.HasHistograms && into.Histograms[i] is not null)) continue;
            if (shift == 0 || !_started) _last = into.Values[i];
            _total = into.Values[i];
            _lastTime = into.Times[i];
            _started = true;
            return;
        }
    }

    private void Shift(SampleBuffer into, int start, double shift)
    {
        var raw = new SampleBuffer();
        raw.AddRange(into, start, into.Count - start);
        into.Slice(0, start);
        for (var i = 0; i < raw.Count; i++)
        {
            double value = raw.Values[i];
            if ((raw.HasHistograms && raw.Histograms[i] is not null) || double.IsNaN(value))
            {
                into.AddRange(raw, i, 1);
                continue;
            }

            if (value < _last) shift = 0;
            _last = value;
            into.Add(raw.Times[i], value + shift);
        }
    }
}
