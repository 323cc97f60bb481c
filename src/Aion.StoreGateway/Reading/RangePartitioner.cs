namespace Aion.StoreGateway;

/// <summary>Bytes <c>[Start, End)</c> of an object.</summary>
internal readonly record struct ByteRange(long Start, long End)
{
    public long Length => End - Start;
}

/// <summary>One read that covers the ranges <c>[FirstIndex, FirstIndex + Count)</c>.</summary>
internal readonly record struct RangePart(long Start, long End, int FirstIndex, int Count)
{
    public long Length => End - Start;
}

/// <summary>Joins ranges into few reads: a request costs more than the bytes of a small gap (query notes ).</summary>
internal static class RangePartitioner
{
    public const long DefaultGapBytes = 512 * 1024;

    /// <summary>A range that is longer stays one read, but none is joined to it.</summary>
    public const long DefaultPartBytes = 16 * 1024 * 1024;

    /// <param name="ranges">Ascending by start.</param>
    /// <param name="maxGapBytes">Ranges at most this far apart share a read.</param>
    /// <param name="maxPartBytes">As long as the read does not get longer than this.</param>
    /// <param name="joinsOverlaps">False for a reader that takes the bytes of a read as they come, each once.</param>
    public static List<RangePart> Partition(
        IReadOnlyList<ByteRange> ranges, long maxGapBytes = DefaultGapBytes, long maxPartBytes = DefaultPartBytes, bool joinsOverlaps = true)
    {
        var parts = new List<RangePart>();
        for (var i = 0; i < ranges.Count;)
        {
            long start = ranges[i].Start, end = ranges[i].End;
            int next = i + 1;
            while (next < ranges.Count && ranges[next].Start <= end + maxGapBytes && Math.Max(end, ranges[next].End) - start <= maxPartBytes
                && (joinsOverlaps || ranges[next].Start >= end))
            {
                end = Math.Max(end, ranges[next].End);
                next++;
            }

            parts.Add(new RangePart(start, end, i, next - i));
            i = next;
        }

        return parts;
    }
}
