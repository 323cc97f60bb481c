using Aion.Blocks;
using Aion.Compactor;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Benchmarks;

/// <summary>Makes the blocks that a second Prometheus would have written: the same series, scraped a little later, with gaps of its own.</summary>
internal static class ReplicaBlocks
{
    private const long ShiftMs = 3_457;
    private const int GapEvery = 1_500;
    private const int GapSamples = 12;

    public static void Write(SourceBlock source, string output)
    {
        BlockId id = BlockId.New(TimeProvider.System);
        string folder = Path.Combine(output, id.ToString());
        var random = new Random(7);
        using BlockReader reader = BlockReader.Open(source.Directory);
        var builder = new SampleBlockBuilder();
        foreach (BlockSeries series in reader.Select([], long.MinValue, long.MaxValue))
        {
            var read = new SampleBuffer();
            reader.ReadSamples(series, read, long.MinValue, long.MaxValue);
            var shifted = new SampleBuffer();
            for (var i = 0; i < read.Count; i++)
            {
                if (random.Next(GapEvery) == 0) i += GapSamples;
                if (i < read.Count) shifted.Add(read.Times[i] + ShiftMs + random.Next(-3, 4), read.Values[i]);
            }

            builder.Add(series.Labels, shifted);
        }

        Tsdb.BlockStats stats = builder.Write(folder);
        BlockMetaFile.Write(folder, source.Meta with
        {
            Id = id,
            MinTimeMs = stats.MinTimeMs,
            MaxTimeMs = stats.MaxTimeMs + 1,
            Stats = new Blocks.BlockStats { Samples = (ulong)stats.SampleCount, Series = (ulong)stats.SeriesCount, Chunks = (ulong)stats.ChunkCount },
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
        });
        Console.WriteLine($"{id}: {stats.SampleCount} samples");
    }
}
