using Aion.Model;

namespace Aion.Tools;

/// <summary>Sets of closed intervals.</summary>
internal static class TimeRanges
{
    /// <summary>The same times, ascending and apart from each other.</summary>
    public static TimeRange[] Joined(IEnumerable<TimeRange> ranges)
    {
        List<TimeRange> joined = [];
        foreach (TimeRange range in ranges.Where(r => r.MinMs <= r.MaxMs).OrderBy(r => r.MinMs))
        {
            if (joined.Count > 0 && (joined[^1].MaxMs == long.MaxValue || range.MinMs <= joined[^1].MaxMs + 1))
                joined[^1] = joined[^1] with { MaxMs = Math.Max(joined[^1].MaxMs, range.MaxMs) };
            else
                joined.Add(range);
        }

        return [.. joined];
    }

    /// <summary>Whether one of the intervals, which are apart, holds all of the range.</summary>
    public static bool Cover(ReadOnlySpan<TimeRange> ranges, long minMs, long maxMs)
    {
        foreach (TimeRange range in ranges)
            if (range.MinMs <= minMs && maxMs <= range.MaxMs) return true;
        return false;
    }

    public static bool Touch(ReadOnlySpan<TimeRange> ranges, long minMs, long maxMs)
    {
        foreach (TimeRange range in ranges)
            if (range.MinMs <= maxMs && minMs <= range.MaxMs) return true;
        return false;
    }

    public static bool Hold(ReadOnlySpan<TimeRange> ranges, long timeMs) => Touch(ranges, timeMs, timeMs);
}
