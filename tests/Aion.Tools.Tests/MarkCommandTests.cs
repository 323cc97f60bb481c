namespace Aion.Tools.Tests;

public sealed class MarkCommandTests
{
    /// <summary>C11 of peer-faults.md: the original succeeds and leaves a partial block.</summary>
    [Theory]
    [InlineData("deletion-mark.json")]
    [InlineData("no-compact-mark.json")]
    [InlineData("no-downsample-mark.json")]
    public async Task Marking_a_block_that_is_not_there_is_an_error_and_leaves_nothing(string marker)
    {
        using GoldenStage stage = new();

        ToolRun run = await stage.RunAsync(Mark("01AAAAAAAAAAAAAAAAAAAAAAAA", marker));

        Assert.Equal(1, run.Status);
        Assert.Contains("block 01AAAAAAAAAAAAAAAAAAAAAAAA is not in bucket", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(stage.Bucket, "01AAAAAAAAAAAAAAAAAAAAAAAA")));
    }

    [Fact]
    public async Task Markers_are_those_of_the_original()
    {
        using GoldenStage stage = new();
        string id = stage.Ids["A0"];
        string golden = Aion.Testing.SharedFolder.Require("golden", "tsdb", "marks");

        foreach (string marker in (string[])["deletion-mark.json", "no-compact-mark.json", "no-downsample-mark.json"])
        {
            string original = File.ReadAllText(Path.Combine(golden, marker));
            using var json = System.Text.Json.JsonDocument.Parse(original);
            string details = json.RootElement.GetProperty("details").GetString()!, block = json.RootElement.GetProperty("id").GetString()!;
            string time = json.RootElement.EnumerateObject().Single(p => p.Name.EndsWith("_time", StringComparison.Ordinal)).Value.GetRawText();

            await stage.RunAsync([.. Mark(id, marker)[..^1], $"--details={details}"]);

            string ours = File.ReadAllText(Path.Combine(stage.Bucket, id, marker));
            Assert.Equal(
                original.TrimEnd(),
                ours.Replace(id, block, StringComparison.Ordinal).Replace(stage.Time.GetUtcNow().ToUnixTimeSeconds().ToString(), time, StringComparison.Ordinal));
        }
    }

    private static string[] Mark(string id, string marker) =>
        ["tools", "bucket", "mark", "--objstore.config-file=bucket.yml", $"--id={id}", $"--marker={marker}", "--details=x"];
}
