namespace Aion.Model;

/// <summary>One float sample.</summary>
/// <param name="TimestampMs">Milliseconds since the Unix epoch, UTC.</param>
/// <param name="Value">IEEE 754 value; the stale marker is one exact NaN bit pattern, so compare bits, not values.</param>
public readonly record struct Sample(long TimestampMs, double Value);

/// <summary>The NaN that Prometheus writes when a series ends.</summary>
public static class StaleMarker
{
    public const long Bits = 0x7FF0000000000002;

    public static double Value => BitConverter.Int64BitsToDouble(Bits);

    public static bool Is(double value) => BitConverter.DoubleToInt64Bits(value) == Bits;
}

/// <summary>A closed interval of time, <c>[MinMs, MaxMs]</c>, in milliseconds since the Unix epoch.</summary>
public readonly record struct TimeRange(long MinMs, long MaxMs)
{
    public static TimeRange All { get; } = new(long.MinValue, long.MaxValue);

    public bool Overlaps(long minMs, long maxMs) => MinMs <= maxMs && minMs <= MaxMs;
}
