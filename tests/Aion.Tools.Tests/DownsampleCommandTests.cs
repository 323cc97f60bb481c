using Aion.Blocks;
using Aion.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tools.Tests;

public sealed class DownsampleCommandTests
{
    [Fact]
    public async Task A_long_raw_block_gets_its_five_minute_block_as_the_original_makes_it()
    {
        string golden = SharedFolder.Require("golden", "tsdb", "downsample");
        using TempDirectory temp = new();
        string raw = Directory.EnumerateDirectories(Path.Combine(golden, "raw")).First();
        if (File.Exists(Path.Combine(golden, "raw", "meta.json"))) raw = Path.Combine(golden, "raw");
        BlockMeta source = BlockMetaFile.Read(raw);
        temp.CopyOf(raw, Path.Combine("bucket", source.Id.ToString()));
        string config = temp.Combine("bucket.yml");
        File.WriteAllText(config, $"type: FILESYSTEM\nconfig:\n  directory: {temp.Combine("bucket")}\n");
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));

        Task<ToolRun> running = ToolProgram.RunAsync(
            ["tools", "bucket", "downsample", $"--objstore.config-file={config}", $"--data-dir={temp.Combine("data")}", "--http-address=127.0.0.1:0"],
            new FakeTimeProvider(ToolProgram.GoldenNow), stopping: stop.Token);
        while (!running.IsCompleted && Blocks(temp).Count < 2) await Task.Delay(20, stop.Token);
        await stop.CancelAsync();
        ToolRun run = await running;

        Assert.True(run.Status == 0, run.Error);
        BlockMeta made = Blocks(temp).Single(m => m.Id != source.Id);
        Assert.Equal(BlockResolution.FiveMinutes, made.Thanos.ResolutionMs);
        Assert.Equal(source.Compaction.Sources, made.Compaction.Sources);
    }

    [Theory]
    [InlineData("--downsample.concurrency=0")]
    [InlineData("--wait-interval=0s")]
    public async Task A_flag_that_makes_no_sense_is_refused(string flag)
    {
        using GoldenStage stage = new();

        ToolRun run = await stage.RunAsync(["tools", "bucket", "downsample", "--objstore.config-file=bucket.yml", flag]);

        Assert.Equal(1, run.Status);
        Assert.Contains("--" + flag[2..].Split('=')[0], run.Error, StringComparison.Ordinal);
    }

    private static IReadOnlyList<BlockMeta> Blocks(TempDirectory temp) =>
        [.. Directory.EnumerateDirectories(temp.Combine("bucket")).Where(d => File.Exists(Path.Combine(d, "meta.json"))).Select(BlockMetaFile.Read)];
}
