using System.Globalization;
using Aion.Blocks;
using Aion.Model;
using Aion.Testing;
using FsCheck.Xunit;

namespace Aion.Compactor.Tests;

/// <summary>
/// Whatever a merge or a downsampling makes of odd blocks, its verification agrees: one that fails would fail in every run to come.
/// </summary>
public sealed class OddBlocksTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10 20 20 30|40 50", "")]
    [InlineData("10 20|20 30", "")]
    [InlineData("10 20 15 30", "")]
    [InlineData("40 50|10 20|30 45", "")]
    [InlineData("10 20|15 30", "12 25|40 50")]
    [InlineData("10 20|500 600", "")]
    [InlineData("90 110", "")]
    public Task Raw_blocks_pass(string first, string second) => CheckAsync(0, first, second);

    [Theory]
    [InlineData("agg 10 20|agg 15 30", "")]
    [InlineData("agg 10 20|agg 30 40", "agg 10 20|agg 35 50")]
    [InlineData("agg 10 20|30 40 50", "")]
    [InlineData("30 40 50", "")]
    [InlineData("agg 10 20|15 30", "agg 60 70|65")]
    [InlineData("agg 10 30 20 40", "")]
    [InlineData("agg 10 20 20 30", "agg 10 20 15 30")]
    [InlineData("agg 10 20|agg 500 600", "agg 90 110")]
    [InlineData("10 20 15 30", "agg 10 20")]
    public Task Downsampled_blocks_pass(string first, string second) => CheckAsync(BlockResolution.FiveMinutes, first, second);

    [Fact]
    public async Task Blocks_whose_series_are_out_of_order_or_there_twice_pass()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", [
            (["a", "1"], ["10"]), (["c", "1"], ["10 20"]), (["b", "1"], ["30"]), (["d", "1"], ["5 6"]), (["a", "1"], ["40"]), (["c", "1"], ["15 25"])]);
        using LooseBlock good = LooseBlock.Of(temp, "b", [(["b", "1"], ["31"]), (["d", "1"], ["10"])]);
        await CheckAsync(temp, [loose, good], 0, new MergeOptions());
    }

    [Property(MaxTest = 100)]
    public void Any_blocks_pass(int seed) => DrawAndCheckAsync(seed).GetAwaiter().GetResult();

    private static async Task DrawAndCheckAsync(int seed)
    {
        var random = new Random(seed);
        using var temp = new TempDirectory();
        bool isRaw = random.Next(2) == 0;
        var blocks = new LooseBlock[random.Next(1, 4)];
        for (var b = 0; b < blocks.Length; b++)
        {
            var series = new (string[], string[])[random.Next(1, 5)];
            for (var s = 0; s < series.Length; s++) series[s] = (DrawLabels(random), DrawChunks(random, isRaw));
            if (random.Next(2) == 0) Array.Sort(series, (x, y) => string.CompareOrdinal(string.Join(',', x.Item1), string.Join(',', y.Item1)));
            blocks[b] = LooseBlock.Of(temp, $"{b}", series);
        }

        try
        {
            var options = new MergeOptions { Function = (MergeFunction)random.Next(2), AcceptMalformedIndex = true, MemoryBudgetBytes = random.Next(2) == 0 ? 0 : 16 << 20 };
            await CheckAsync(temp, blocks, isRaw ? 0 : BlockResolution.FiveMinutes, options);
        }
        finally
        {
            foreach (LooseBlock block in blocks) block.Dispose();
        }
    }

    private static string[] DrawLabels(Random random)
    {
        string[] labels = ["a", $"{random.Next(3)}"];
        if (random.Next(4) == 0) labels = random.Next(2) == 0 ? [.. labels, "b", "x"] : ["b", "x", .. labels];
        return random.Next(12) == 0 ? [.. labels, "a", "7"] : labels;
    }

    private static string[] DrawChunks(Random random, bool isRaw)
    {
        var chunks = new string[random.Next(1, 5)];
        long time = random.Next(60);
        for (var c = 0; c < chunks.Length; c++)
        {
            var times = new List<long>();
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                times.Add(time);
                time += random.Next(8) == 0 ? 0 : random.Next(10) == 0 ? -random.Next(9) : random.Next(1, 30);
            }

            if (random.Next(5) == 0) time -= random.Next(60);
            time = Math.Max(0, time);
            bool isAggregate = isRaw ? random.Next(25) == 0 : random.Next(5) != 0;
            chunks[c] = (isAggregate ? "agg " : "") + string.Join(' ', times.Select(t => Math.Max(0, t).ToString(CultureInfo.InvariantCulture)));
        }

        return chunks;
    }

    private static async Task CheckAsync(long resolutionMs, string first, string second)
    {
        using var temp = new TempDirectory();
        using LooseBlock one = LooseBlock.Of(temp, "one", first.Split('|'));
        using LooseBlock two = LooseBlock.Of(temp, "two", second.Length == 0 ? ["1"] : second.Split('|'));
        foreach (MergeFunction function in Enum.GetValues<MergeFunction>())
            await CheckAsync(temp, second.Length == 0 ? [one] : [one, two], resolutionMs, new MergeOptions { Function = function });
    }

    private static async Task CheckAsync(TempDirectory temp, LooseBlock[] blocks, long resolutionMs, MergeOptions options)
    {
        SourceBlock[] sources = [.. blocks.Select(b => b.Open(0, 100, resolutionMs))];
        try
        {
            await MergeAndVerifyAsync(temp, sources, options);
            foreach (SourceBlock source in sources) await DownsampleAndVerifyAsync(temp, source, resolutionMs == 0 ? 300_000 : 3_600_000, options);
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }
    }

    private static async Task MergeAndVerifyAsync(TempDirectory temp, SourceBlock[] sources, MergeOptions options)
    {
        var repairs = new RepairList();
        string made = temp.Combine($"merged-{options.Function}");
        MergeResult result = await BlockMerge.RunAsync(sources, options, made, repairs, Token);
        if (result.IsEmpty) return;
        BlockMeta meta = CompactedMeta.Merged(BlockId.New(TimeProvider.System), [.. sources.Select(s => s.Meta)], result);
        await BlockVerification.RunAsync(made, meta, sources, options.Function, 1_000, repairs.Known, Token);
    }

    private static async Task DownsampleAndVerifyAsync(TempDirectory temp, SourceBlock source, long resolutionMs, MergeOptions options)
    {
        var repairs = new RepairList();
        string made = temp.Combine($"downsampled-{options.Function}-{source.Meta.Id}");
        MergeResult result = await BlockDownsample.RunAsync(source, resolutionMs, options, made, repairs, Token);
        if (result.IsEmpty) return;
        BlockMeta meta = CompactedMeta.Downsampled(BlockId.New(TimeProvider.System), source.Meta, resolutionMs, result);
        await BlockVerification.RunAsync(made, meta, [source], options.Function, 1_000, repairs.Known, Token);
    }
}
