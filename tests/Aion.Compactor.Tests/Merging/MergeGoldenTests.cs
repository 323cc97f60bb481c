using System.Text.Json;
using Aion.Blocks;
using Aion.Testing;

namespace Aion.Compactor.Tests;

/// <summary>Each block that Thanos compacted in <c>golden/tsdb/compact</c>, made again from its parents: same bytes, same meta.</summary>
public sealed class MergeGoldenTests
{
    public static TheoryData<string> Scenarios => ["plain", "overlap", "no-compact", "levels", "delete-delay-0",
        "dedup-jitter-default", "dedup-jitter-penalty", "dedup-same-times-default", "dedup-same-times-penalty"];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Blocks_are_those_of_Thanos(string scenario)
    {
        string folder = SharedFolder.Require("golden", "tsdb", "compact", scenario);
        Dictionary<string, string> blocks = Directory.GetDirectories(folder, "*", SearchOption.AllDirectories)
            .Where(d => File.Exists(Path.Combine(d, "index")))
            .GroupBy(d => Path.GetFileName(d)).ToDictionary(g => g.Key, g => g.First());
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json")));
        var compared = 0;
        foreach (JsonElement made in summary.RootElement.GetProperty("newBlocks").EnumerateArray())
        {
            string golden = blocks[made.GetProperty("ulid").GetString()!];
            BlockMeta meta = BlockMetaFile.Read(golden);
            if (!meta.Compaction.Parents.All(p => blocks.ContainsKey(p.Id.ToString()))) continue;
            await CompareAsync(golden, meta, [.. meta.Compaction.Parents.Select(p => blocks[p.Id.ToString()])],
                scenario.EndsWith("penalty", StringComparison.Ordinal) ? MergeFunction.Penalty : MergeFunction.Chain);
            compared++;
        }

        Assert.NotEqual(0, compared);
    }

    private static async Task CompareAsync(string golden, BlockMeta meta, string[] parents, MergeFunction function)
    {
        using var temp = new TempDirectory();
        List<SourceBlock> sources = [.. parents.Select(TestSources.Open)];
        try
        {
            var repairs = new RepairList();
            MergeResult result = await BlockMerge.RunAsync(
                sources, new MergeOptions { Function = function }, temp.Combine("made"), repairs, TestContext.Current.CancellationToken);

            Assert.Empty(repairs.All);
            Assert.Equal(TestSources.Chunks(golden), TestSources.Chunks(temp.Combine("made")));
            Assert.Equal(File.ReadAllBytes(Path.Combine(golden, "index")), File.ReadAllBytes(temp.Combine("made", "index")));
            BlockMeta merged = CompactedMeta.Merged(meta.Id, [.. sources.Select(s => s.Meta)], result);
            BlockMeta expected = meta with { Thanos = meta.Thanos with { Files = [], SegmentFiles = [], UploadTime = null, Labels = merged.Thanos.Labels } };
            Assert.Equal(Text(expected), Text(merged));
        }
        finally
        {
            foreach (SourceBlock source in sources) source.Dispose();
        }
    }

    private static string Text(BlockMeta meta) => System.Text.Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta));
}
