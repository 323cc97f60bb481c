using System.Text;
using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Tsdb;

namespace Aion.Benchmarks;

/// <summary>
/// Buckets larger than the shared generator makes, deterministic. <c>month</c>: 1,000 counters over 30 days, a scrape each 30 s, 15 blocks
/// of two days. <c>million</c>: 1,000,000 gauges over two hours, a scrape a minute, one block.
/// </summary>
internal static class GeneratedBucket
{
    /// <summary>2026-01-01T00:00:00Z, where the data begins.</summary>
    public const long StartMs = 1_767_225_600_000;

    private const long HourMs = 3_600_000;

    public static void Write(string profile, string bucket)
    {
        Directory.CreateDirectory(bucket);
        switch (profile)
        {
            case "month":
                for (var day = 0; day < 30; day += 2)
                    WriteBlock(bucket, 1000, StartMs + day * 24 * HourMs, 48 * HourMs, 30_000, (i, k) => (day * 2880L + k) * (i % 9 + 1));
                break;
            case "million":
                WriteBlock(bucket, 1_000_000, StartMs, 2 * HourMs, 60_000, (i, k) => i % 1000 + k % 7);
                break;
            default:
                throw new ArgumentException($"there is no profile {profile}: month or million");
        }
    }

    private static void WriteBlock(string bucket, int series, long startMs, long lengthMs, long scrapeMs, Func<int, long, double> value)
    {
        if (!BlockId.TryParse($"01{startMs / 1000 % 100_000_000:D8}0000000000000000", out BlockId id)) throw new InvalidOperationException("no block id");
        string folder = Path.Combine(bucket, id.ToString());
        using var writer = new BlockWriter(folder);
        foreach (byte[] symbol in Symbols(series)) writer.AddSymbol(symbol);
        var samples = new SampleBuffer();
        for (var i = 0; i < series; i++)
        {
            samples.Clear();
            for (var k = 0L; k * scrapeMs < lengthMs; k++) samples.Add(startMs + k * scrapeMs + i % 1000, value(i, k));
            writer.AddSeries(LabelsOf(i), ChunkCutter.Cut(samples));
        }

        Tsdb.BlockStats stats = writer.Stats;
        var meta = new BlockMeta
        {
            Id = id,
            MinTimeMs = startMs,
            MaxTimeMs = startMs + lengthMs,
            Stats = new Blocks.BlockStats
            {
                Samples = (ulong)stats.SampleCount,
                FloatSamples = (ulong)stats.SampleCount,
                Series = (ulong)series,
                Chunks = (ulong)stats.ChunkCount,
            },
            Compaction = new BlockCompaction { Level = 1, Sources = [id] },
            Thanos = new ThanosMeta { Version = 1, Labels = Labels.Of("replica", "a"), Source = BlockSource.Sidecar },
        };
        File.WriteAllBytes(Path.Combine(writer.TempDirectory, "meta.json"), BlockMetaWriter.ToUtf8(meta));
        writer.Complete();
        Console.WriteLine($"{folder}: {stats.SeriesCount} series, {stats.SampleCount} samples");
    }

    /// <summary>The label <c>id</c> comes first and sorts as the numbers do, so that series can be written as they come.</summary>
    private static Labels LabelsOf(int i) => Labels.Of(
        "__name__", "m_total", "id", $"{i:D7}", "instance", $"10.{i / 65536}.{i / 256 % 256}.{i % 256}:9090", "pod", $"pod-{i:D7}", "zone", $"z{i % 10}");

    private static List<byte[]> Symbols(int series)
    {
        var symbols = new HashSet<string>(StringComparer.Ordinal) { "" };
        for (var i = 0; i < series; i++)
        {
            foreach (var (name, value) in LabelsOf(i).Pairs())
            {
                symbols.Add(name);
                symbols.Add(value);
            }
        }

        List<byte[]> sorted = [.. symbols.Select(Encoding.UTF8.GetBytes)];
        sorted.Sort(static (a, b) => a.AsSpan().SequenceCompareTo(b));
        return sorted;
    }
}
