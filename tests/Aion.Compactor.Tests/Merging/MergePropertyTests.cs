using System.Diagnostics;
using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;
using FsCheck.Xunit;

namespace Aion.Compactor.Tests;

/// <summary>Whatever blocks the samples of some series are spread over, merging gives the same series.</summary>
public sealed class MergePropertyTests
{
    private const long Start = 1_767_225_600_000;
    private const long End = Start + 7_200_000;

    [Property(MaxTest = 25)]
    public void Any_partition_into_blocks_merges_to_the_same_series(int seed) => MergeAndCompareAsync(seed).GetAwaiter().GetResult();

    [Property(MaxTest = 8)]
    public void Threads_and_budget_do_not_change_the_output(int seed) => CompareThreadsAsync(seed).GetAwaiter().GetResult();

    [Property(MaxTest = 60)]
    public void Damage_never_crashes_a_merge(int seed) => DamageAsync(seed).GetAwaiter().GetResult();

    [Fact]
    public async Task Promtool_accepts_a_merged_and_a_downsampled_block()
    {
        const string Promtool = "/usr/bin/promtool";
        if (!File.Exists(Promtool))
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail("promtool is missing; in CI nothing is skipped");
            Assert.Skip("promtool is not on this machine");
        }

        using var temp = new TempDirectory();
        List<SourceBlock> sources = Spread(temp, new Random(5), out _);
        BlockId id = BlockId.New(TimeProvider.System);
        string made = temp.Combine(id.ToString());
        MergeResult result = await MergeAsync(sources, new MergeOptions(), made);
        BlockMetaFile.Write(made, CompactedMeta.Merged(id, [.. sources.Select(s => s.Meta)], result));
        foreach (SourceBlock source in sources) source.Dispose();

        var start = new ProcessStartInfo(Promtool, ["tsdb", "analyze", temp.Path, id.ToString()]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, errors);
        Assert.Contains($"Series: {result.Stats.Series}", await output, StringComparison.Ordinal);
    }

    private static async Task MergeAndCompareAsync(int seed)
    {
        using var temp = new TempDirectory();
        List<SourceBlock> sources = Spread(temp, new Random(seed), out SortedDictionary<string, List<string>> expected);
        try
        {
            string made = temp.Combine("made");
            MergeResult result = await MergeAsync(sources, new MergeOptions { MemoryBudgetBytes = 8 << 20 }, made);
            BlockMeta meta = CompactedMeta.Merged(BlockId.New(TimeProvider.System), [.. sources.Select(s => s.Meta)], result);
            await BlockVerification.RunAsync(made, meta, sources, MergeFunction.Chain, 1_000, new KnownRepairs(), TestContext.Current.CancellationToken);

            Assert.Equal(Flat(expected), Flat(TestSources.Samples(made)));
            Assert.Equal((ulong)expected.Sum(s => s.Value.Count), result.Stats.Samples);
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }
    }

    private static async Task CompareThreadsAsync(int seed)
    {
        using var temp = new TempDirectory();
        List<SourceBlock> sources = Spread(temp, new Random(seed), out _);
        foreach (MergeFunction function in Enum.GetValues<MergeFunction>())
        {
            string one = temp.Combine($"one-{function}"), many = temp.Combine($"many-{function}");
            await MergeAsync(sources, new MergeOptions { Function = function, Concurrency = 1 }, one);
            await MergeAsync(sources, new MergeOptions { Function = function, Concurrency = 5, MemoryBudgetBytes = 3 << 20 }, many);

            foreach (string file in (string[])["index", "chunks/000001"])
                Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(many, file)));
        }

        foreach (SourceBlock source in sources) source.Dispose();
    }

    /// <summary>Bytes are flipped, cut off and zeroed; the merge may leave out chunks or refuse a block, and nothing else.</summary>
    private static async Task DamageAsync(int seed)
    {
        var random = new Random(seed);
        using var temp = new TempDirectory();
        List<SourceBlock> whole = Spread(temp, random, out _);
        BlockMeta[] metas = [.. whole.Select(s => s.Meta)];
        string[] folders = [.. whole.Select(s => s.Directory)];
        foreach (SourceBlock source in whole) source.Dispose();
        for (int edits = random.Next(1, 6); edits > 0; edits--) Damage(random, folders[random.Next(folders.Length)]);
        var sources = new List<SourceBlock>();
        var options = new MergeOptions { Function = (MergeFunction)random.Next(2), AcceptMalformedIndex = random.Next(2) == 0, MemoryBudgetBytes = 32 << 20 };
        try
        {
            for (var i = 0; i < folders.Length; i++) sources.Add(SourceBlock.Open(metas[i], folders[i]));
            var repairs = new RepairList();
            KnownRepairs known = repairs.Known;
            MergeResult result = await BlockMerge.RunAsync(sources, options, temp.Combine("made"), repairs, TestContext.Current.CancellationToken);
            if (result.IsEmpty) return;
            BlockMeta meta = CompactedMeta.Merged(BlockId.New(TimeProvider.System), metas, result);
            await BlockVerification.RunAsync(temp.Combine("made"), meta, sources, options.Function, readBack: 1_000, known, TestContext.Current.CancellationToken);
            foreach (SourceBlock source in sources)
                await BlockDownsample.RunAsync(source, 300_000, options, temp.Combine($"ds-{source.Meta.Id}"), new RepairList(), TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is SourceDamagedException or BudgetExceededException)
        {
            Assert.False(Directory.Exists(temp.Combine("made") + ".tmp-for-creation"));
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }
    }

    private static void Damage(Random random, string folder)
    {
        string path = Path.Combine(folder, random.Next(3) == 0 ? "index" : "chunks/000001");
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (bytes.Length == 0) return;
        int at = random.Next(bytes.Length);
        switch (random.Next(4))
        {
            case 0:
                Array.Resize(ref bytes, at);
                break;
            case 1:
                bytes.AsSpan(at, Math.Min(40, bytes.Length - at)).Clear();
                break;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
        }

        File.WriteAllBytes(path, bytes);
    }

    private static Task<MergeResult> MergeAsync(List<SourceBlock> sources, MergeOptions options, string made) =>
        BlockMerge.RunAsync(sources, options, made, new RepairList(), TestContext.Current.CancellationToken);

    private static IEnumerable<string> Flat(SortedDictionary<string, List<string>> series) =>
        series.SelectMany(s => s.Value.Select(v => $"{s.Key} {v}"));

    /// <summary>Draws series and spreads their samples over some blocks, by stretches of time or one by one, some of them twice.</summary>
    private static List<SourceBlock> Spread(TempDirectory temp, Random random, out SortedDictionary<string, List<string>> expected)
    {
        int blocks = random.Next(1, 5);
        bool byTime = random.Next(2) == 0;
        var builders = new SampleBlockBuilder[blocks];
        for (var b = 0; b < blocks; b++) builders[b] = new SampleBlockBuilder();
        expected = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        for (int s = random.Next(1, 9); s > 0; s--)
        {
            SampleBuffer samples = Draw(random);
            if (samples.Count == 0) continue;
            var labels = Labels.Of("__name__", "m", "s", s.ToString(), random.Next(2) == 0 ? "a" : "z", "é");
            if (!expected.TryAdd(labels.ToString(), TestSources.Lines(samples))) continue;
            var parts = new SampleBuffer[blocks];
            for (var b = 0; b < blocks; b++) parts[b] = new SampleBuffer();
            for (var i = 0; i < samples.Count; i++)
            {
                parts[byTime ? (int)((long)i * blocks / samples.Count) : random.Next(blocks)].AddRange(samples, i, 1);
                // Some samples are in two blocks.
                if (random.Next(4) != 0 || byTime) continue;
                SampleBuffer again = parts[random.Next(blocks)];
                if (again.Count == 0 || again.Times[^1] != samples.Times[i]) again.AddRange(samples, i, 1);
            }

            for (var b = 0; b < blocks; b++) builders[b].Add(labels, parts[b]);
        }

        var sources = new List<SourceBlock>();
        foreach (SampleBlockBuilder builder in builders)
        {
            string directory = temp.Combine($"source-{sources.Count}");
            builder.Write(directory);
            Directory.CreateDirectory(Path.Combine(directory, "chunks"));
            sources.Add(SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), Start, End), directory));
        }

        return sources;
    }

    private static SampleBuffer Draw(Random random)
    {
        var samples = new SampleBuffer();
        long time = Start + random.Next(100_000);
        bool histogram = random.Next(4) == 0;
        double count = 0;
        for (int i = random.Next(1, 400); i > 0 && time < End; i--)
        {
            if (random.Next(200) == 0) histogram = !histogram;
            count += random.Next(5);
            if (histogram)
                samples.Add(time, new FloatHistogram
                {
                    Schema = 1,
                    Count = count,
                    Sum = count * 2,
                    ZeroThreshold = 0.001,
                    PositiveSpans = [new(0, 2)],
                    PositiveBuckets = [count - 1, 1],
                });
            else
                samples.Add(time, random.Next(50) == 0 ? double.NaN : random.Next(3) == 0 ? random.NextDouble() : count);
            time += random.Next(40) == 0 ? random.Next(300_000) : 15_000 + random.Next(3);
        }

        return samples;
    }
}
