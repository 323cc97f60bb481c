using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// The running total of the histograms of one batch, in the coarsest schema of them, across resets. Of gauges it is the last one.
/// </summary>
internal sealed class HistogramCounter
{
    private readonly int _schema;
    private readonly bool _isGauge;
    private FloatHistogram? _previous;
    private FloatHistogram? _total;

    /// <param name="samples">Not empty; all exponential or all with custom buckets.</param>
    public HistogramCounter(ReadOnlySpan<FloatHistogram?> samples)
    {
        _isGauge = samples[0]!.CounterResetHint == CounterResetHint.Gauge;
        _schema = samples[0]!.Schema;
        foreach (FloatHistogram? sample in samples) _schema = Math.Min(_schema, sample!.Schema);
    }

    /// <summary>Takes the next sample into the total and returns it in the batch's schema.</summary>
    public FloatHistogram Add(FloatHistogram sample)
    {
        CounterResetHint hint = sample.CounterResetHint;
        FloatHistogram reduced = sample.Schema == _schema ? sample : sample.CopyToSchema(_schema);
        if (_previous is null || _total is null)
        {
            _total = reduced.Copy();
        }
        else if (IsReset(reduced, _previous, hint))
        {
            _total.Add(reduced);
        }
        else
        {
            FloatHistogram delta = reduced.Copy();
            delta.Subtract(_previous);
            _total.Add(delta);
        }

        _previous = reduced;
        return reduced;
    }

    /// <summary>A copy of the total as it is now.</summary>
    public FloatHistogram Take()
    {
        FloatHistogram taken = _total!.Copy();
        taken.CounterResetHint = _isGauge ? CounterResetHint.Gauge : CounterResetHint.NotReset;
        return taken;
    }

    /// <summary>Both are in one schema: a finer one at the start of a source chunk is no reset (peer fault W3).</summary>
    private bool IsReset(FloatHistogram sample, FloatHistogram previous, CounterResetHint hint)
    {
        if (_isGauge || hint == CounterResetHint.NotReset) return false;
        return hint == CounterResetHint.Reset || sample.DetectReset(previous);
    }
}
