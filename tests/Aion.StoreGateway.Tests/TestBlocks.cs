using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.StoreGateway.Tests;

/// <summary>Writes blocks into a bucket's folder.</summary>
internal static class TestBlocks
{
    /// <summary>Series <c>up{id, instance}</c> of two samples each, at 1 s and 2 s.</summary>
    public static IReadOnlyList<ChunkSeries> Some(int count, int instances = 10, string name = "up")
    {
        var series = new List<ChunkSeries>();
        for (var i = 0; i < count; i++)
        {
            var writer = new XorChunkWriter();
            writer.Append(1000, i);
            writer.Append(2000, i + 1);
            Labels labels = Labels.Of("__name__", name, "id", $"s{i}", "instance", $"i{i % instances}");
            series.Add(new ChunkSeries(labels, [new SeriesChunk(1000, 2000, writer.ToChunk())]));
        }

        return series;
    }

    public static void Write(string bucket, BlockId id, Labels external, IReadOnlyList<ChunkSeries> series)
    {
        Directory.CreateDirectory(bucket);
        string directory = Path.Combine(bucket, id.ToString());
        using var writer = new BlockWriter(directory);
        List<ChunkSeries> sorted = [.. series.OrderBy(s => s.Labels)];
        var symbols = new SortedSet<string>(Comparer<string>.Create(Utf8Text.CompareByBytes));
        foreach ((string name, string value) in sorted.SelectMany(s => s.Labels.Pairs()))
        {
            symbols.Add(name);
            symbols.Add(value);
        }

        foreach (string symbol in symbols) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
        foreach (ChunkSeries one in sorted) writer.AddSeries(one.Labels, one.Chunks);
        BlockMetaFile.Write(writer.TempDirectory, new BlockMeta
        {
            Id = id,
            MinTimeMs = series.SelectMany(s => s.Chunks).Min(c => c.MinTimeMs),
            MaxTimeMs = series.SelectMany(s => s.Chunks).Max(c => c.MaxTimeMs) + 1,
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta { Version = 1, Labels = external, Source = BlockSource.Sidecar },
        });
        writer.Complete();
    }
}
