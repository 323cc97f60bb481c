using System.Diagnostics;
using System.Text.Json;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

public sealed class SampleBlockBuilderTests
{
    private const long Start = 1_767_225_600_000;

    [Fact]
    public void What_was_added_is_read_back_in_label_order_in_chunks_of_120()
    {
        using var temp = new TempDirectory();
        var builder = new SampleBlockBuilder();
        builder.Add(Labels.Of("__name__", "up", "job", "b"), Floats(3));
        builder.Add(Labels.Of("__name__", "up", "job", "a"), Floats(250));
        builder.Add(Labels.Of("__name__", "none"), new SampleBuffer());

        BlockStats stats = builder.Write(temp.Combine("block"));

        using var block = BlockReader.Open(temp.Combine("block"));
        BlockSeries[] series = [.. block.Select([LabelMatcher.Equal("__name__", "up")], 0, long.MaxValue)];
        Assert.Equal(["{__name__=\"up\", job=\"a\"}", "{__name__=\"up\", job=\"b\"}"], series.Select(s => s.Labels.ToString()));
        Assert.Equal([120, 120, 10], series[0].Chunks.Select(c => ChunkDecoder.SampleCount(block.ReadChunk(c))));
        var read = new SampleBuffer();
        block.ReadSamples(series[0], read, 0, long.MaxValue);
        Assert.Equal(SampleText.Of(Floats(250)), SampleText.Of(read));
        Assert.Equal((2, 4, 253, Start, Start + 249 * 15_000), (stats.SeriesCount, stats.ChunkCount, stats.SampleCount, stats.MinTimeMs, stats.MaxTimeMs));
    }

    [Fact]
    public void A_series_that_turns_from_floats_to_histograms_is_cut_there()
    {
        using var temp = new TempDirectory();
        SampleBuffer samples = Floats(5);
        for (var i = 0; i < 4; i++) samples.Add(Start + 100_000 + i, new FloatHistogram { Count = i, Sum = i, PositiveSpans = [new(0, 1)], PositiveBuckets = [i] });
        var builder = new SampleBlockBuilder();
        builder.Add(Labels.Of("__name__", "mixed"), samples);

        builder.Write(temp.Combine("block"));

        using var block = BlockReader.Open(temp.Combine("block"));
        BlockSeries series = Assert.Single(block.Select([], 0, long.MaxValue));
        Assert.Equal([ChunkEncoding.Xor, ChunkEncoding.FloatHistogram], series.Chunks.Select(c => block.ReadChunk(c).Encoding));
        var read = new SampleBuffer();
        block.ReadSamples(series, read, 0, long.MaxValue);
        Assert.Equal([0, 1, 2, 3], read.Histograms.ToArray().OfType<FloatHistogram>().Select(h => h.PositiveBuckets[0]));
    }

    [Fact]
    public void Nothing_is_left_behind_when_the_block_is_not_completed()
    {
        using var temp = new TempDirectory();

        using (var writer = new BlockWriter(temp.Combine("block"))) writer.AddSymbol("a"u8);

        Assert.Empty(Directory.EnumerateFileSystemEntries(temp.Path));
    }

    [Fact]
    public void Series_out_of_order_are_refused()
    {
        using var temp = new TempDirectory();
        using var writer = new BlockWriter(temp.Combine("block"));
        foreach (string symbol in (string[])["", "a", "b"]) writer.AddSymbol(System.Text.Encoding.UTF8.GetBytes(symbol));
        writer.AddSeries(Labels.Of("a", "b"), []);

        Assert.Throws<InvalidOperationException>(() => writer.AddSeries(Labels.Of("a", "a"), []));
        Assert.Throws<InvalidOperationException>(() => writer.AddSeries(Labels.Of("b", "unknown"), []));
        Assert.Throws<InvalidOperationException>(() => writer.AddSymbol("c"u8));
    }

    [Fact]
    public async Task Promtool_accepts_the_block()
    {
        string promtool = "/usr/bin/promtool";
        if (!File.Exists(promtool))
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail("promtool is missing; in CI nothing is skipped");
            Assert.Skip("promtool is not on this machine");
        }

        using var temp = new TempDirectory();
        const string ulid = "01M86A64KSBN65P16EA2G0AHVV";
        var builder = new SampleBlockBuilder();
        for (var i = 0; i < 50; i++) builder.Add(Labels.Of("__name__", "requests_total", "instance", $"i{i}"), Floats(200));
        builder.Write(temp.Combine(ulid), (directory, stats) => File.WriteAllText(Path.Combine(directory, "meta.json"), MetaOf(ulid, stats)));

        var start = new ProcessStartInfo(promtool, ["tsdb", "analyze", temp.Path, ulid]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, errors);
        Assert.Contains("Series: 50", await output);
    }

    private static SampleBuffer Floats(int count)
    {
        var samples = new SampleBuffer();
        for (var i = 0; i < count; i++) samples.Add(Start + i * 15_000, i * 1.5);
        return samples;
    }

    private static string MetaOf(string ulid, BlockStats stats) => JsonSerializer.Serialize(new
    {
        ulid,
        minTime = stats.MinTimeMs,
        maxTime = stats.MaxTimeMs + 1,
        stats = new { numSamples = stats.SampleCount, numSeries = stats.SeriesCount, numChunks = stats.ChunkCount },
        compaction = new { level = 1, sources = new[] { ulid } },
        version = 1,
    });
}
