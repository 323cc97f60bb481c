namespace Aion.Compactor;

/// <summary>Where windows end and how many chunks they go into (L-8.6, L-8.7).</summary>
internal static class DownsampleMath
{
    /// <summary>What raw data is reckoned to be scraped at, in milliseconds.</summary>
    public const long RawStepMs = 60_000;

    /// <summary>Windows that a chunk aims at.</summary>
    private const int WindowsPerChunk = 140;

    /// <summary>The last millisecond of the window that a time lies in.</summary>
    public static long WindowEnd(long timeMs, long resolutionMs)
    {
        long into = timeMs % resolutionMs;
        if (into < 0) into += resolutionMs;
        // At the very end of time the window is cut.
        return timeMs - into > long.MaxValue - resolutionMs ? long.MaxValue : timeMs - into + resolutionMs - 1;
    }

    /// <summary>Chunks for the samples of a series between two times, both inclusive.</summary>
    public static int ChunkCount(long minMs, long maxMs, long fromMs, long toMs, long samples)
    {
        // Times come from outside: the span may not fit a long.
        UInt128 span = (UInt128)((Int128)maxMs - minMs);
        var windows = (double)(span / (UInt128)toMs);
        double fullness = Math.Min(1, samples / (double)(span / (UInt128)fromMs));
        // There are no more windows than samples, whatever the times say.
        long expected = (long)Math.Min(samples, windows * fullness) + 1;
        long chunks = Math.Max(1, expected / WindowsPerChunk);
        while (expected / chunks > WindowsPerChunk) chunks++;
        return (int)Math.Min(int.MaxValue, chunks);
    }
}
