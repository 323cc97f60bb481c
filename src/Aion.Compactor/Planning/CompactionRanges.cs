namespace Aion.Compactor;

/// <summary>Lengths that blocks grow to, in milliseconds, ascending; the first is what heads cut (reference/block-lifecycle.md L-4.2).</summary>
public static class CompactionRanges
{
    private const long Hour = 60 * 60 * 1000;

    /// <summary>The highest level there is a length for.</summary>
    public static int MaxLevel => All.Count - 1;

    /// <summary>All levels: 1 h, 2 h, 8 h, 2 d, 14 d.</summary>
    public static IReadOnlyList<long> All { get; } = [Hour, 2 * Hour, 8 * Hour, 48 * Hour, 14 * 24 * Hour];

    /// <summary>The lengths up to a level, inclusive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static IReadOnlyList<long> UpTo(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaxLevel);
        return [.. All.Take(level + 1)];
    }
}
