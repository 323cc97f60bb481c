using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Overlapping 5m blocks, which Thanos never merges because its merge loses windows or panics (peer fault W4).</summary>
public sealed class AggregateMergeGoldenTests
{
    [Theory]
    [InlineData("floats", MergeFunction.Penalty)]
    [InlineData("floats", MergeFunction.Chain)]
    [InlineData("with-native-histogram", MergeFunction.Penalty)]
    [InlineData("with-native-histogram", MergeFunction.Chain)]
    public async Task All_aggregates_have_the_windows_of_the_count(string name, MergeFunction function)
    {
        using var temp = new TempDirectory();
        string folder = SharedFolder.Require("golden", "tsdb", "compact", "dedup-5m-by-package", name);

        string made = await MergeAsync(Path.Combine(folder, "input"), function, temp);

        foreach (var (series, aggregates) in Read(made))
        {
            long[] windows = Times(aggregates[0]);
            Assert.Equal(windows, windows.Distinct().Order());
            for (var a = 1; a < 4; a++)
                if (aggregates[a].Count > 0) Assert.Equal(windows, Times(aggregates[a]));
            Assert.Subset(Times(aggregates[4]).ToHashSet(), windows.ToHashSet());
            Assert.NotEmpty(series);
        }
    }

    [Fact]
    public async Task What_the_recording_did_not_lose_is_the_same()
    {
        using var temp = new TempDirectory();
        string folder = SharedFolder.Require("golden", "tsdb", "compact", "dedup-5m-by-package", "floats");

        string made = await MergeAsync(Path.Combine(folder, "input"), MergeFunction.Penalty, temp);

        Dictionary<string, List<Sample>[]> ours = Read(made), golden = Read(TestSources.Single(Path.Combine(folder, "penalty")));
        Assert.Equal(golden.Keys, ours.Keys);
        foreach (var (series, aggregates) in golden)
        {
            Assert.Equal(aggregates[0], ours[series][0]);
            for (var a = 1; a < 5; a++) Assert.Subset(ours[series][a].ToHashSet(), aggregates[a].ToHashSet());
        }
    }

    private static async Task<string> MergeAsync(string input, MergeFunction function, TempDirectory temp)
    {
        List<SourceBlock> sources = [.. Directory.GetDirectories(input).Order().Select(TestSources.Open)];
        try
        {
            var repairs = new RepairList();
            MergeResult result = await BlockMerge.RunAsync(
                sources, new MergeOptions { Function = function }, temp.Combine("made"), repairs, TestContext.Current.CancellationToken);
            Assert.Empty(repairs.All);
            await BlockVerification.RunAsync(
                temp.Combine("made"), CompactedMeta.Merged(sources[0].Meta.Id, [.. sources.Select(s => s.Meta)], result), sources, function,
                BlockVerification.DefaultReadBack, repairs.Known, TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }

        return temp.Combine("made");
    }

    private static long[] Times(List<Sample> samples) => [.. samples.Select(s => s.TimeMs)];

    /// <summary>Per series, its five aggregates over all chunks; of histograms the count of observations.</summary>
    private static Dictionary<string, List<Sample>[]> Read(string directory)
    {
        using BlockReader block = BlockReader.Open(directory);
        var all = new Dictionary<string, List<Sample>[]>();
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            List<Sample>[] aggregates = [[], [], [], [], []];
            foreach (ChunkMeta meta in series.Chunks)
            {
                AggregateChunks parts = AggregateChunkCodec.Split(block.ReadChunk(meta));
                for (var a = 0; a < 5; a++)
                {
                    var samples = new SampleBuffer();
                    Chunk part = AggregateParts.Of(parts, (Aggregate)a);
                    if (!part.IsEmpty) ChunkDecoder.Decode(part, samples, long.MinValue, long.MaxValue);
                    for (var i = 0; i < samples.Count; i++)
                        aggregates[a].Add(new Sample(samples.Times[i], samples.HasHistograms ? samples.Histograms[i]!.Count : samples.Values[i]));
                }
            }

            all.Add(series.Labels.ToString(), aggregates);
        }

        return all;
    }

    private readonly record struct Sample(long TimeMs, double Value);
}
