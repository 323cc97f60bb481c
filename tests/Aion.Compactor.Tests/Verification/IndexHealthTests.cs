using System.Text.Json;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Compactor.Tests;

/// <summary>Index health beside what Thanos says of 52 damaged blocks (<c>golden/tsdb/block-damaged</c>).</summary>
public sealed class IndexHealthTests
{
    private const long T0 = 1_767_225_600_000;

    public static TheoryData<string> Cases =>
        [.. File.ReadLines(SharedFolder.Require("golden", "tsdb", "block-damaged", "thanos.jsonl")).Select(l => NameOf(l))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Damage_is_found_where_Thanos_finds_it(string name)
    {
        string line = File.ReadLines(SharedFolder.Require("golden", "tsdb", "block-damaged", "thanos.jsonl")).First(l => NameOf(l) == name);
        using JsonDocument found = JsonDocument.Parse(line);
        using var temp = new TempDirectory();
        string block = temp.CopyOf(TestSources.Single(SharedFolder.Require("golden", "tsdb", "layout")), "block");
        foreach (JsonElement edit in found.RootElement.GetProperty("edits").EnumerateArray()) FileEdit.Apply(block, edit);

        string? error = Check(block);

        if (found.RootElement.TryGetProperty("verifyIndexError", out JsonElement expected)) Assert.True(error is not null, expected.GetString());
        // Ours reads more of the index when it opens it, so it may find what Thanos passes over; never in a block that is whole.
        else if (name == "undamaged") Assert.Null(error);
    }

    private static string? Check(string block)
    {
        try
        {
            using IndexReader index = IndexReader.Open(Path.Combine(block, "index"));
            return IndexHealth.Gather(index, T0, T0 + 7_200_000, TestContext.Current.CancellationToken).AnyError;
        }
        catch (Exception e) when (e is TsdbCorruptionException or IOException)
        {
            return e.Message;
        }
    }

    [Fact]
    public void Chunks_outside_and_out_of_order_are_counted()
    {
        using var temp = new TempDirectory();
        using LooseBlock loose = LooseBlock.Of(temp, "a", ["10 20 30", "25 28", "25 28", "90 100 105"]);
        using IndexReader index = IndexReader.Open(Path.Combine(loose.Directory, "index"));

        IndexHealth health = IndexHealth.Gather(index, 15, 100, TestContext.Current.CancellationToken);

        Assert.Equal((1, 4, 1, 1, 1), (health.Series, health.Chunks, health.OutOfOrderSeries, health.OutOfOrderChunks, health.DuplicatedChunks));
        Assert.Equal((2, 0, 0), (health.OutsideChunks, health.CompleteOutsideChunks, health.Issue347OutsideChunks));
        Assert.NotNull(health.CriticalError);
        Assert.NotNull(health.OutOfOrderChunksError);
    }

    private static string NameOf(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("name").GetString()!;
    }
}
