using Aion.Model;

namespace Aion.PromQL;

/// <summary>One position of a series description: nothing (<c>_</c>), a float (also the stale marker) or a histogram.</summary>
public readonly record struct SequenceValue(double Value, FloatHistogram? Histogram = null, bool IsOmitted = false)
{
    /// <summary>The text names the counter reset hint, so an expectation checks it.</summary>
    public bool CounterResetHintSet { get; init; }
}
