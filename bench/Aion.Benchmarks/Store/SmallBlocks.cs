using System.Globalization;
using System.Text;
using Aion.Blocks;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Benchmarks;

/// <summary>
/// A bucket of many small blocks: 31 series each, two hours, a scrape a minute, 100 windows one behind the other for as many clusters as
/// it takes. Blocks of one window share their bytes by hard links, so 100,000 of them take little of a disk.
/// </summary>
internal static class SmallBlocks
{
    private const int Windows = 100;
    private const int Series = 31;
    private const int Scrapes = 120;
    private const long WindowMs = 2 * 3_600_000;

    public static void Write(string bucket, int count)
    {
        Directory.CreateDirectory(bucket);
        string patterns = bucket.TrimEnd('/') + ".patterns";
        string[] windows = [.. Enumerable.Range(0, Math.Min(Windows, count)).Select(w => WriteWindow(patterns, w))];
        Parallel.For(0, count, i => Link(bucket, windows[i % Windows], IdOf(i), i / Windows, i % Windows));
        Directory.Delete(patterns, recursive: true);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bucket}: {count} blocks of {Series} series"));
    }

    private static BlockId IdOf(int number) =>
        BlockId.TryParse($"01KDV{number:D9}000000000000", out BlockId id) ? id : throw new InvalidOperationException("no block id");

    private static string WriteWindow(string folder, int window)
    {
        string block = Path.Combine(folder, window.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        using var writer = new BlockWriter(block);
        var symbols = new SortedSet<string>(StringComparer.Ordinal) { "", "__name__", "instance", "job", "small_total", "node" };
        for (var i = 0; i < Series; i++) symbols.Add($"host-{i:D2}:9100");
        foreach (string symbol in symbols) writer.AddSymbol(Encoding.UTF8.GetBytes(symbol));
        var samples = new SampleBuffer();
        for (var i = 0; i < Series; i++)
        {
            samples.Clear();
            for (var k = 0; k < Scrapes; k++) samples.Add(StartOf(window) + k * 60_000L, (window * Scrapes + k) * (i + 1.0));
            writer.AddSeries(Labels.Of("__name__", "small_total", "instance", $"host-{i:D2}:9100", "job", "node"), ChunkCutter.Cut(samples));
        }

        writer.Complete();
        return block;
    }

    private static void Link(string bucket, string pattern, BlockId id, int cluster, int window)
    {
        string folder = Path.Combine(bucket, id.ToString());
        Directory.CreateDirectory(Path.Combine(folder, BlockLayout.ChunksDirectory));
        var files = new List<BlockFile>();
        foreach (string file in (string[])["chunks/000001", BlockLayout.IndexFile])
        {
            string source = Path.Combine(pattern, file);
            DurableFile.HardLink(source, Path.Combine(folder, file));
            files.Add(new BlockFile(file, new FileInfo(source).Length));
        }

        files.Add(new BlockFile(BlockLayout.MetaFile, 0));
        var meta = new BlockMeta
        {
            Id = id,
            MinTimeMs = StartOf(window),
            MaxTimeMs = StartOf(window) + WindowMs,
            Stats = new Blocks.BlockStats { Samples = Series * Scrapes, FloatSamples = Series * Scrapes, Series = Series, Chunks = Series },
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta
            {
                Version = 1,
                Labels = Labels.Of("cluster", $"c{cluster:D4}", "replica", "a"),
                Source = BlockSource.Sidecar,
                SegmentFiles = ["000001"],
                Files = files,
            },
        };
        File.WriteAllBytes(Path.Combine(folder, BlockLayout.MetaFile), BlockMetaWriter.ToUtf8(meta));
    }

    private static long StartOf(int window) => GeneratedBucket.StartMs + window * WindowMs;
}
