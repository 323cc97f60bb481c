using System.Diagnostics;
using System.Globalization;
using Aion.Blocks;
using Aion.Compactor;
using Aion.Model;

namespace Aion.Benchmarks;

/// <summary>
/// Measures merging and downsampling of whole blocks, as the compactor runs them:
/// <c>compaction copy|dedup|downsample|replica BLOCKS OUTPUT [memory budget MiB] [threads]</c>.
/// </summary>
internal static class CompactionRun
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length < 3) return Usage();
        string output = args[2];
        Directory.CreateDirectory(output);
        var options = new MergeOptions
        {
            Function = args[0] == "dedup" ? MergeFunction.Penalty : MergeFunction.Chain,
            MemoryBudgetBytes = (args.Length > 3 ? long.Parse(args[3], CultureInfo.InvariantCulture) : 64) << 20,
            Concurrency = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : Environment.ProcessorCount,
        };
        List<SourceBlock> blocks = [.. Directory.GetDirectories(args[1])
            .Where(d => File.Exists(Path.Combine(d, "meta.json"))).Select(d => SourceBlock.Open(MetaOf(d), d)).OrderBy(b => b.Meta.MinTimeMs)];
        switch (args[0])
        {
            case "copy":
                foreach (SourceBlock[] group in blocks.Chunk(4)) await MeasureAsync("copy", group, output, options);
                return 0;
            case "all":
                for (var run = 0; run < 2; run++) await MeasureAsync("copy", blocks, output, options);
                return 0;
            case "dedup":
                // Replicas of the same two hours become one block.
                foreach (var pair in blocks.GroupBy(b => b.Meta.MinTimeMs / 7_200_000)) await MeasureAsync("dedup", [.. pair], output, options);
                return 0;
            case "downsample":
                // The second run shows the speed without the just-in-time compiler's work.
                foreach (SourceBlock block in blocks.Concat(blocks)) await MeasureAsync("downsample", [block], output, options);
                return 0;
            case "replica":
                foreach (SourceBlock block in blocks) ReplicaBlocks.Write(block, output);
                return 0;
            default:
                return Usage();
        }
    }

    private static int Usage()
    {
        Console.Error.WriteLine("compaction copy|all|dedup|downsample|replica BLOCKS OUTPUT [memory budget MiB] [threads]");
        return 1;
    }

    /// <summary>Blocks of a plain Prometheus end just behind their last sample.</summary>
    private static BlockMeta MetaOf(string directory) => BlockMetaFile.Read(directory);

    private static async Task MeasureAsync(string what, IReadOnlyList<SourceBlock> sources, string output, MergeOptions options)
    {
        BlockId id = BlockId.New(TimeProvider.System);
        string folder = Path.Combine(output, id.ToString());
        using Process self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        MergeResult result = what == "downsample"
            ? await BlockDownsample.RunAsync(sources[0], BlockResolution.FiveMinutes, options, folder, new NoRepairs(), default)
            : await BlockMerge.RunAsync(sources, options, folder, new NoRepairs(), default);
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        self.Refresh();
        TimeSpan cpu = self.TotalProcessorTime - before;
        BlockMeta meta = what == "downsample"
            ? CompactedMeta.Downsampled(id, sources[0].Meta, BlockResolution.FiveMinutes, result)
            : CompactedMeta.Merged(id, [.. sources.Select(s => s.Meta)], result);
        BlockMetaFile.Write(folder, meta);
        TimeSpan verifyFrom = self.TotalProcessorTime;
        await BlockVerification.RunAsync(folder, meta, sources, options.Function, BlockVerification.DefaultReadBack, new KnownRepairs(), default);
        self.Refresh();
        TimeSpan verify = self.TotalProcessorTime - verifyFrom;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {result.SourceSamples / 1e6:F1} M samples, {cpu.TotalSeconds:F2} CPU s, {wall.TotalSeconds:F2} s, "
            + $"{result.SourceSamples / 1e6 / cpu.TotalSeconds:F1} M samples/CPU s, "
            + $"read {result.BytesRead >> 20} MiB, written {result.BytesWritten >> 20} MiB, copied {result.CopiedChunks}, encoded {result.EncodedChunks}, "
            + $"verified in {verify.TotalSeconds:F2} CPU s, peak {PeakMiB()} MiB"));
    }

    /// <summary>The most memory that the process has held, by the kernel's account.</summary>
    private static long PeakMiB()
    {
        const string Key = "VmHWM:";
        if (!File.Exists("/proc/self/status")) return Environment.WorkingSet >> 20;
        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Key.Length).Trim(" \tkB"), NumberStyles.None, CultureInfo.InvariantCulture) >> 10;
    }

    private sealed class NoRepairs : IRepairSink
    {
        public void Report(in ChunkRepair repair) => throw new InvalidOperationException($"{repair.Kind}: {repair.Reason}");
    }
}
