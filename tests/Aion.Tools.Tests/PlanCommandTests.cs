using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aion.Tools.Tests;

public sealed class PlanCommandTests : IDisposable
{
    private readonly GoldenStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task The_table_says_what_would_be_done_and_why_and_changes_nothing()
    {
        IReadOnlyList<string> before = GoldenStage.Files(_stage.Bucket);

        ToolRun run = await PlanAsync("--retention.resolution-5m=1d");

        Assert.True(run.Status == 0, run.Error);
        Assert.Contains($"| compact           | {_stage.Ids["B0"]} {_stage.Ids["B2"]} |", run.Output, StringComparison.Ordinal);
        Assert.Contains("2 blocks overlap", run.Output, StringComparison.Ordinal);
        Assert.Contains($"| mark-for-deletion | {_stage.Ids["C"]}", run.Output, StringComparison.Ordinal);
        Assert.Contains("block exceeding retention of", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, GoldenStage.Files(_stage.Bucket));
    }

    [Fact]
    public async Task Json_has_bytes_requests_and_seconds()
    {
        ToolRun run = await PlanAsync("--output=json", "--plan.bytes-per-second=1KB");

        Assert.True(run.Status == 0, run.Error);
        JsonElement action = JsonDocument.Parse(run.Output).RootElement.GetProperty("actions").EnumerateArray().Single(a => a.GetProperty("action").GetString() == "compact");
        long bytes = action.GetProperty("readBytes").GetInt64();
        Assert.InRange(bytes, 15_000, 25_000);
        Assert.Equal(Math.Ceiling(bytes / 1024.0), action.GetProperty("seconds").GetDouble());
        Assert.True(action.GetProperty("requests").GetInt64() > 4);
    }

    [Fact]
    public async Task What_is_marked_and_due_would_be_deleted_and_what_is_broken_off_too()
    {
        string mark = Path.Combine(_stage.Block("A0"), "deletion-mark.json");
        File.WriteAllText(mark, $"{{\"id\":\"{_stage.Ids["A0"]}\",\"version\":1,\"deletion_time\":1}}");
        File.Delete(Path.Combine(_stage.Block("A1"), "meta.json"));
        foreach (string file in Directory.EnumerateFiles(_stage.Block("A1"), "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        JsonNode plan = JsonNode.Parse((await PlanAsync("--output=json")).Output)!;

        string[] actions = [.. plan["actions"]!.AsArray().Select(a => $"{a!["action"]} {a["blocks"]![0]}")];
        Assert.Contains($"delete {_stage.Ids["A0"]}", actions);
        Assert.Contains($"delete-partial {_stage.Ids["A1"]}", actions);
    }

    [Fact]
    public async Task Only_blocks_of_the_asked_for_time_are_planned()
    {
        JsonNode all = JsonNode.Parse((await PlanAsync("--output=json", "--delete-delay=2d")).Output)!;
        JsonNode later = JsonNode.Parse((await PlanAsync("--output=json", "--min-time=2027-01-01T00:00:00Z", "--compact.merge-downsampled-overlaps")).Output)!;

        Assert.NotEmpty(all["actions"]!.AsArray());
        Assert.Empty(later["actions"]!.AsArray());
    }

    [Theory]
    [InlineData("--min-time=-1h --max-time=-2h")]
    [InlineData("--debug.max-compaction-level=9")]
    [InlineData("--plan.bytes-per-second=0")]
    [InlineData("--block-sync-concurrency=0")]
    public async Task A_flag_that_makes_no_sense_is_refused(string flag)
    {
        ToolRun run = await PlanAsync(flag.Split(' '));

        Assert.Equal(1, run.Status);
        Assert.Contains(flag.Split('=')[0], run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> PlanAsync(params string[] more) =>
        _stage.RunAsync(["tools", "bucket", "plan", "--objstore.config-file=bucket.yml", "--consistency-delay=0s", .. more]);
}
