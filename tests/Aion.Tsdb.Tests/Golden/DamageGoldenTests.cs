using System.Text.Json;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.Tsdb.Tests;

/// <summary>Damaged blocks fail at the same step as in Prometheus, with as many samples read before.</summary>
public sealed class DamageGoldenTests
{
    public static TheoryData<string> Cases()
    {
        var cases = new TheoryData<string>();
        string path = Path.Combine(SharedFolder.Root, "golden", "tsdb", "block-damaged", "prometheus.jsonl");
        if (!File.Exists(path)) return ["shared is absent"];
        foreach (JsonElement line in GoldenFiles.Lines("block-damaged/prometheus.jsonl"))
        {
            // meta.json belongs to Aion.Blocks.
            string name = line.GetProperty("name").GetString()!;
            if (!name.StartsWith("meta-", StringComparison.Ordinal)) cases.Add(name);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fails_where_Prometheus_fails(string name)
    {
        JsonElement recorded = GoldenFiles.Lines("block-damaged/prometheus.jsonl").Single(l => l.GetProperty("name").GetString() == name);
        using var temp = new TempDirectory();
        string copy = temp.CopyOf(GoldenFiles.BlockIn("layout"), "block");
        foreach (JsonElement edit in recorded.GetProperty("edits").EnumerateArray()) FileEdit.Apply(copy, edit);

        if (recorded.TryGetProperty("openError", out _))
        {
            Exception error = Assert.ThrowsAny<Exception>(() => BlockReader.Open(copy).Dispose());
            Assert.True(error is TsdbCorruptionException or IOException, error.ToString());
            return;
        }

        using var block = BlockReader.Open(copy);
        var lines = new List<string>();
        bool failed = false;
        try
        {
            foreach (BlockSeries series in block.Select([LabelMatcher.Equal("", "")], long.MinValue, long.MaxValue)) lines.Add(Describe(block, series));
        }
        catch (TsdbCorruptionException)
        {
            failed = true;
        }

        Assert.Equal(recorded.TryGetProperty("selectError", out _), failed);
        Assert.Equal(recorded.GetProperty("series").EnumerateArray().Select(Describe), lines);
    }

    private static string Describe(BlockReader block, BlockSeries series)
    {
        var buffer = new SampleBuffer();
        bool failed = false;
        try
        {
            block.ReadSamples(series, buffer, long.MinValue, long.MaxValue);
        }
        catch (TsdbCorruptionException)
        {
            failed = true;
        }

        return $"{series.Labels} {buffer.Count} {failed}";
    }

    private static string Describe(JsonElement series) =>
        $"{GoldenSeries.ParseLabels(series.GetProperty("labels"))} {series.GetProperty("numSamples")} {series.TryGetProperty("error", out _)}";
}
