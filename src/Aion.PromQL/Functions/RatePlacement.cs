namespace Aion.PromQL;

/// <summary>
/// Where the samples of a window lie within it. Windows over regular samples repeat a few placements, mostly one, so that the divisions
/// of the extrapolation are done once, not once a window.
/// </summary>
internal struct RatePlacement
{
    private long _toStartMs;
    private long _toEndMs;
    private double _sampled;
    private double _toStart;
    private double _toEnd;

    /// <summary>From sample to sample; -1 of none.</summary>
    public int Intervals { get; set; }

    /// <summary>What the growth is multiplied with, unless the counter began within reach.</summary>
    public double Factor { get; private set; }

    /// <summary>
    /// A counter that would have been at zero before the first sample and inside of the stretch before it: not if its first value is at least
    /// so many times what it grew by (once, for then zero is a whole sampled length away).
    /// </summary>
    public double ZeroLimit { get; private set; }

    public static RatePlacement Of(long toStartMs, long toEndMs, long sampledMs, int intervals, bool isCounter, bool isRate, double rangeSeconds)
    {
        double sampled = sampledMs / 1000.0, toStart = toStartMs / 1000.0, toEnd = toEndMs / 1000.0;
        double average = sampled / intervals;
        double threshold = average * 1.1;
        if (toStart >= threshold) toStart = average / 2;
        if (toEnd >= threshold) toEnd = average / 2;
        var place = new RatePlacement
        {
            _toStartMs = toStartMs,
            _toEndMs = toEndMs,
            Intervals = intervals,
            _sampled = sampled,
            _toStart = toStart,
            _toEnd = toEnd,
            ZeroLimit = !isCounter ? 0 : toStart <= sampled ? 1 : double.PositiveInfinity,
        };
        place.Factor = place.FactorWith(toStart, isRate, rangeSeconds);
        return place;
    }

    public readonly bool IsSame(long toStartMs, long toEndMs, int intervals) =>
        toStartMs == _toStartMs && toEndMs == _toEndMs && intervals == Intervals;

    /// <summary>Whether the point where the counter would have been zero has to be looked at.</summary>
    public readonly bool ReachesZero(double first, double growth) => first < growth * ZeroLimit && growth > 0 && first >= 0;

    public readonly double FactorFromZero(double first, double growth, bool isRate, double rangeSeconds)
    {
        double toZero = _sampled * (first / growth);
        return toZero < _toStart ? FactorWith(toZero, isRate, rangeSeconds) : Factor;
    }

    private readonly double FactorWith(double toStart, bool isRate, double rangeSeconds)
    {
        double factor = _sampled == 0 ? 1 : (_sampled + toStart + _toEnd) / _sampled;
        return isRate ? factor / rangeSeconds : factor;
    }
}
