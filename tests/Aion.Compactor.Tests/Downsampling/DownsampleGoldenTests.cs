using Aion.Blocks;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Against what Thanos wrote (<c>golden/tsdb/downsample</c>), chunk for chunk and byte for byte.</summary>
public sealed class DownsampleGoldenTests
{
    private const long FiveMinutes = 300_000;
    private const long OneHour = 3_600_000;

    /// <summary>Thanos takes the first sample of a finer schema for a counter reset (peer fault W3).</summary>
    private const string Inflated = "schema_change_and_stale";

    [Theory]
    [InlineData("raw", "5m", FiveMinutes)]
    [InlineData("5m", "1h", OneHour)]
    public async Task Chunks_are_those_of_Thanos(string from, string to, long resolutionMs)
    {
        string golden = TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", to));
        using var temp = new TempDirectory();

        string made = await DownsampleAsync(TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", from)), resolutionMs, temp);

        Assert.Equal(
            TestSources.Chunks(golden).Where(c => !c.Contains(Inflated, StringComparison.Ordinal)),
            TestSources.Chunks(made).Where(c => !c.Contains(Inflated, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_finer_schema_at_the_start_of_a_chunk_is_no_reset()
    {
        using var temp = new TempDirectory();

        string made = await DownsampleAsync(TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", "raw")), FiveMinutes, temp);

        Dictionary<long, double> counters = Counts(made, Inflated, a => a.Counter), golden = Counts(
            TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", "5m")), Inflated, a => a.Counter);
        Assert.Equal(golden.Keys, counters.Keys);
        // The recording has 800 here, with the false reset in it.
        Assert.Equal(405, counters[1766975999999]);
        Assert.Equal(
            Counts(TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", "5m")), Inflated, a => a.Sum),
            Counts(made, Inflated, a => a.Sum));
    }

    [Theory]
    [InlineData("same")]
    [InlineData("change")]
    [InlineData("mixed")]
    public async Task Custom_buckets_keep_the_same_windows_in_all_aggregates(string name)
    {
        using var temp = new TempDirectory();
        string raw = TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", "custom-buckets", $"raw-{name}"));

        string made = await DownsampleAsync(raw, FiveMinutes, temp);

        Assert.Equal(Counts(made, "", a => a.Count).Keys, Counts(made, "", a => a.Sum).Keys);
        Assert.Equal(Counts(made, "", a => a.Count).Keys, Counts(made, "", a => a.Counter).Keys);
        Assert.Equal(BlockMetaFile.Read(raw).Stats.Samples, (ulong)Counts(made, "", a => a.Count).Values.Sum());
        if (name == "mixed") return;
        string golden = TestSources.Single(SharedFolder.Require("golden", "tsdb", "downsample", "custom-buckets", $"5m-{name}"));
        if (name == "same") Assert.Equal(TestSources.Chunks(golden), TestSources.Chunks(made));
        // Windows that the recording lost are there; those that it has are as it has them.
        foreach (Func<AggregateChunks, Chunk> aggregate in (Func<AggregateChunks, Chunk>[])[a => a.Count, a => a.Sum, a => a.Counter])
            Assert.Subset(Counts(made, "", aggregate).ToHashSet(), Counts(golden, "", aggregate).ToHashSet());
    }

    /// <summary>By window, the float of an aggregate or its histogram's count of observations.</summary>
    private static Dictionary<long, double> Counts(string directory, string series, Func<AggregateChunks, Chunk> aggregate)
    {
        using BlockReader block = BlockReader.Open(directory);
        var counts = new Dictionary<long, double>();
        foreach (BlockSeries found in block.Select([], long.MinValue, long.MaxValue))
        {
            if (!found.Labels.ToString().Contains(series, StringComparison.Ordinal)) continue;
            foreach (ChunkMeta meta in found.Chunks)
            {
                var samples = new SampleBuffer();
                ChunkDecoder.Decode(aggregate(AggregateChunkCodec.Split(block.ReadChunk(meta))), samples, long.MinValue, long.MaxValue);
                for (var i = 0; i < samples.Count; i++)
                    counts[samples.Times[i]] = samples.HasHistograms ? samples.Histograms[i]!.Count : samples.Values[i];
            }
        }

        return counts;
    }

    private static async Task<string> DownsampleAsync(string source, long resolutionMs, TempDirectory temp)
    {
        string made = temp.Combine("made");
        using SourceBlock block = TestSources.Open(source);
        var repairs = new RepairList();
        await BlockDownsample.RunAsync(block, resolutionMs, new MergeOptions(), made, repairs, TestContext.Current.CancellationToken);
        Assert.Empty(repairs.All);
        return made;
    }
}
