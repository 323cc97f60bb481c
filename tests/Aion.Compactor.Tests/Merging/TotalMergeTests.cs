using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>What is wrong with a source is repaired or left out chunk by chunk, and told; the rest is merged.</summary>
public sealed class TotalMergeTests
{
    [Fact]
    public async Task Chunks_out_of_order_are_sorted_and_merged()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["50 60", "10 20 30", "25 28 30", "50 60"]);

        RepairList repairs = await MergeAsync(temp, new MergeOptions(), loose.Open(0, 100));

        Assert.Equal([10, 20, 25, 28, 30, 50, 60], Times(temp));
        Assert.Equal([RepairKind.OutOfOrder, RepairKind.OutOfOrder, RepairKind.Duplicate], repairs.All.Select(r => r.Kind).Order());
    }

    [Fact]
    public async Task A_chunk_with_a_flipped_byte_is_quarantined_and_the_others_kept()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["10 20", "30 40", "50 60"]);
        Flip(Path.Combine(loose.Directory, "chunks", "000001"), 8 + 30);

        RepairList repairs = await MergeAsync(temp, new MergeOptions(), loose.Open(0, 100));

        Assert.Equal([10, 20, 50, 60], Times(temp));
        var repair = Assert.Single(repairs.All);
        Assert.Equal((RepairKind.Corrupt, "{__name__=\"x\"}"), (repair.Kind, repair.Series));
        Assert.NotEqual(0, repair.Bytes);
    }

    [Fact]
    public async Task Samples_outside_the_block_are_left_out_and_the_chunk_kept_for_the_record()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["5 10 20", "30 40", "90 100", "100 110"]);

        RepairList repairs = await MergeAsync(temp, new MergeOptions(), loose.Open(10, 100));

        Assert.Equal([10, 20, 30, 40, 90], Times(temp));
        Assert.Equal(3, repairs.All.Count(r => r is { Kind: RepairKind.OutOfRange, Bytes: > 0 }));
    }

    [Fact]
    public async Task Labels_out_of_order_are_refused_unless_they_are_accepted()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", [(["b", "1", "a", "2"], ["10 20"]), (["c", "1"], ["10 20"])]);

        SourceDamagedException refused = await Assert.ThrowsAsync<SourceDamagedException>(() => MergeAsync(temp, new MergeOptions(), loose.Open(0, 100)));
        Assert.Contains("--debug.accept-malformed-index", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(temp.Combine("made")));
        RepairList repairs = await MergeAsync(temp, new MergeOptions { AcceptMalformedIndex = true }, loose.Open(0, 100));

        Assert.Equal(["{a=\"2\", b=\"1\"}", "{c=\"1\"}"], TestSources.Samples(temp.Combine("made")).Keys);
        Assert.Equal(RepairKind.OutOfOrderLabels, Assert.Single(repairs.All).Kind);
    }

    [Fact]
    public async Task Series_out_of_order_are_sorted()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(
            temp, "a", [(["a", "1"], ["10"]), (["c", "1"], ["10 20"]), (["b", "1"], ["30"]), (["a", "1"], ["40"])]);
        using LooseBlock good = LooseBlock.Of(temp, "b", [(["b", "1"], ["31"]), (["d", "1"], ["10"])]);

        RepairList repairs = await MergeAsync(temp, new MergeOptions(), loose.Open(0, 100), good.Open(0, 100));

        SortedDictionary<string, List<string>> samples = TestSources.Samples(temp.Combine("made"));
        Assert.Equal(["{a=\"1\"} 2", "{b=\"1\"} 2", "{c=\"1\"} 2", "{d=\"1\"} 1"], samples.Select(s => $"{s.Key} {s.Value.Count}"));
        Assert.Equal(RepairKind.OutOfOrderSeries, Assert.Single(repairs.All).Kind);
    }

    [Fact]
    public async Task Series_out_of_order_are_sorted_on_the_disk_when_the_budget_is_small()
    {
        using var temp = new TempDirectory();
        var series = new List<(string[], string[])>();
        for (var i = 0; i < 9_000; i++) series.Add((["a", $"{i % 90}", "b", $"{i / 90}", "c", "x"], [$"{i % 90}"]));
        using LooseBlock loose = LooseBlock.Of(temp, "a", [.. series]);
        using SourceBlock source = loose.Open(0, 100);
        // Less than the labels of all series take, so that there are several runs.
        var options = new MergeOptions { MemoryBudgetBytes = 2 << 20, Concurrency = 1 };
        var repairs = new RepairList();

        MergeResult result = await BlockMerge.RunAsync([source], options, temp.Combine("made"), repairs, TestContext.Current.CancellationToken);

        Assert.Equal(9_000UL, result.Stats.Series);
        Assert.Equal(RepairKind.OutOfOrderSeries, Assert.Single(repairs.All).Kind);
        SortedDictionary<string, List<string>> samples = TestSources.Samples(temp.Combine("made"));
        Assert.All(samples, s => Assert.StartsWith($"{s.Key.Split('"')[1]} ", Assert.Single(s.Value), StringComparison.Ordinal));
        Assert.Equal(["a", "made"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName).Order());
        BlockMeta meta = CompactedMeta.Merged(BlockId.New(TimeProvider.System), [source.Meta], result);
        await BlockVerification.RunAsync(temp.Combine("made"), meta, [source], MergeFunction.Chain, 100, repairs.Known, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Times_of_the_index_that_are_not_those_of_the_chunk_do_not_break_the_merge()
    {
        using var temp = new TempDirectory();
        string directory = temp.Combine("a");
        using (var writer = new BlockWriter(directory))
        {
            foreach (string symbol in (string[])["", "x", "y"]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
            writer.AddSeries(Labels.Of("x", "y"), [ChunkOf(10, 20, [10, 95]), ChunkOf(15 + 10, 30, [25, 30]), ChunkOf(40, 50, [40, 50])]);
            writer.Complete();
        }

        // A second chunk over the first makes the merge decode it.
        using LooseBlock other = LooseBlock.Of(temp, "b", [(["x", "y"], ["11 12"])]);
        using SourceBlock first = SourceBlock.Open(TestSources.MetaOf(BlockId.New(TimeProvider.System), 0, 100), directory);
        using SourceBlock second = other.Open(0, 100);
        await BlockMerge.RunAsync([first, second], new MergeOptions(), temp.Combine("made"), new RepairList(), TestContext.Current.CancellationToken);

        Assert.Equal([10, 11, 12, 25, 30, 40, 50, 95], Times(temp));
    }

    [Fact]
    public async Task Deleted_samples_are_gone_and_deleted_chunks_too()
    {
        using var temp = new TempDirectory();
        string golden = TestSources.Single(SharedFolder.Require("golden", "tsdb", "block-tombstones"));

        RepairList repairs = await MergeAsync(temp, new MergeOptions(), TestSources.Open(golden));

        Assert.Empty(repairs.All);
        SortedDictionary<string, List<string>> expected = TestSources.Samples(golden);
        Assert.Equal(expected.SelectMany(s => s.Value.Select(v => s.Key + v)), TestSources.Samples(temp.Combine("made")).SelectMany(s => s.Value.Select(v => s.Key + v)));
    }

    [Fact]
    public async Task A_budget_that_is_too_small_fails_the_job_and_names_the_flag()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["10 20"]);

        BudgetExceededException error = await Assert.ThrowsAsync<BudgetExceededException>(
            () => MergeAsync(temp, new MergeOptions { MemoryBudgetBytes = 10_000 }, loose.Open(0, 100)));

        Assert.Contains("--compact.memory-budget", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Nothing_left_makes_no_block()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["500 600"]);
        using SourceBlock source = loose.Open(0, 100);

        MergeResult result = await BlockMerge.RunAsync(
            [source], new MergeOptions(), temp.Combine("made"), new RepairList(), TestContext.Current.CancellationToken);

        Assert.True(result.IsEmpty);
        Assert.Equal(["a"], Directory.GetFileSystemEntries(temp.Path).Select(Path.GetFileName));
    }

    private static SeriesChunk ChunkOf(long minMs, long maxMs, long[] times)
    {
        var writer = new XorChunkWriter();
        foreach (long time in times) writer.Append(time, time);
        return new SeriesChunk(minMs, maxMs, writer.ToChunk());
    }

    private static void Flip(string path, int offset)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static long[] Times(TempDirectory temp) =>
        [.. Assert.Single(TestSources.Samples(temp.Combine("made"))).Value.Select(l => long.Parse(l.Split(' ')[0]))];

    private static async Task<RepairList> MergeAsync(TempDirectory temp, MergeOptions options, params SourceBlock[] sources)
    {
        var repairs = new RepairList();
        try
        {
            await BlockMerge.RunAsync(sources, options, temp.Combine("made"), repairs, TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }

        return repairs;
    }
}
