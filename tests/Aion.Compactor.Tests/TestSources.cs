using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Opens and makes source blocks for tests.</summary>
internal static class TestSources
{
    public static SourceBlock Open(string directory) =>
        SourceBlock.Open(BlockMetaFile.Read(directory), directory);

    /// <summary>The only folder in a folder.</summary>
    public static string Single(string parent) => Assert.Single(Directory.GetDirectories(parent));

    public static BlockMeta MetaOf(BlockId id, long minMs, long maxMs, long resolutionMs = 0) => new()
    {
        Id = id,
        MinTimeMs = minMs,
        MaxTimeMs = maxMs,
        Compaction = new BlockCompaction { Level = 1, Sources = [id] },
        Thanos = new ThanosMeta { Version = 1, Labels = Labels.Of("cluster", "c"), ResolutionMs = resolutionMs, Source = "test" },
    };

    /// <summary>All series of a block with their samples, as text; aggregates as they come.</summary>
    public static SortedDictionary<string, List<string>> Samples(string directory)
    {
        using BlockReader block = BlockReader.Open(directory);
        var all = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            var samples = new SampleBuffer();
            block.ReadSamples(series, samples, long.MinValue, long.MaxValue);
            all.Add(series.Labels.ToString(), Lines(samples));
        }

        return all;
    }

    public static List<string> Lines(SampleBuffer samples)
    {
        var lines = new List<string>(samples.Count);
        for (var i = 0; i < samples.Count; i++)
        {
            FloatHistogram? histogram = samples.HasHistograms ? samples.Histograms[i] : null;
            string value = histogram is null
                ? BitConverter.DoubleToUInt64Bits(samples.Values[i]).ToString("x16")
                : $"{histogram.Schema}/{histogram.Count}/{histogram.Sum}/{histogram.ZeroCount}/{histogram}";
            lines.Add($"{samples.Times[i]} {value}");
        }

        return lines;
    }

    /// <summary>Every chunk of a block: labels, times, encoding and bytes.</summary>
    public static List<string> Chunks(string directory)
    {
        using BlockReader block = BlockReader.Open(directory);
        var lines = new List<string>();
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            foreach (ChunkMeta meta in series.Chunks)
            {
                Chunk chunk = block.ReadChunk(meta);
                lines.Add($"{series.Labels} [{meta.MinTimeMs}, {meta.MaxTimeMs}] {chunk.Encoding} {Convert.ToBase64String(chunk.Data.Span)}");
            }
        }

        return lines;
    }
}

/// <summary>Keeps what was reported.</summary>
internal sealed class RepairList : IRepairSink
{
    public List<(BlockId Block, string Series, RepairKind Kind, string Reason, int Bytes)> All { get; } = [];

    public KnownRepairs Known { get; } = new();

    public void Report(in ChunkRepair repair)
    {
        All.Add((repair.Block, repair.Series.ToString(), repair.Kind, repair.Reason, repair.Bytes.Length));
        Known.Add(repair);
    }
}
