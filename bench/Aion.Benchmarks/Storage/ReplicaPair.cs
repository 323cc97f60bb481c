using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Benchmarks;

/// <summary>What two scrapers of the same targets collect: the same series, a few seconds apart, now and then a scrape missing.</summary>
internal static class ReplicaPair
{
    public const int ScrapeMs = 15_000;

    public static SampleBuffer Samples(int series, int replica, int count)
    {
        var random = new Random(series * 2 + replica);
        var buffer = new SampleBuffer();
        for (var k = 0; k < count; k++)
            if (random.Next(200) > 0) buffer.Add((long)k * ScrapeMs + replica * 4_000 + random.Next(20), k * 7 + series);
        return buffer;
    }

    /// <summary>Frames of 128 series as a store sends them.</summary>
    public static List<SeriesFrame> Frames(int series, int replica, int samples)
    {
        var all = new List<ChunkSeries>();
        for (var i = 0; i < series; i++)
        {
            Labels labels = Labels.Of("__name__", "m_total", "instance", $"i{i:D6}", "zone", $"z{i % 10}");
            all.Add(new ChunkSeries(labels, ChunkCutter.Cut(Samples(i, replica, samples))));
        }

        return [.. all.Chunk(128).Select(c => SeriesFrame.Of(c))];
    }
}
