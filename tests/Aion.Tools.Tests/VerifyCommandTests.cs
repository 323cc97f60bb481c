using System.Text.Json.Nodes;

namespace Aion.Tools.Tests;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly GoldenStage _stage = new();

    public void Dispose() => _stage.Dispose();

    /// <summary>The original marks the block after it deleted it, which leaves a partial block (C11 of peer-faults.md).</summary>
    [Fact]
    public async Task A_duplicated_block_is_saved_and_then_deleted_whole()
    {
        _stage.Duplicate("A0");
        IReadOnlyList<string> before = [.. GoldenStage.Files(_stage.Block("A0"))];

        ToolRun run = await VerifyAsync("--issues=duplicated_compaction", "--repair");

        Assert.True(run.Status == 0, run.Error);
        Assert.False(Directory.Exists(_stage.Block("A0")) && GoldenStage.Files(_stage.Block("A0")).Count > 0);
        Assert.Equal(before, GoldenStage.Files(Path.Combine(_stage.Backup, _stage.Ids["A0"])));
        Assert.Contains("Removed all duplicated blocks", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_whose_name_is_taken_in_the_backup_bucket_stays()
    {
        _stage.Duplicate("A0");
        string saved = Path.Combine(_stage.Backup, _stage.Ids["A0"]);
        Directory.CreateDirectory(saved);
        File.WriteAllText(Path.Combine(saved, "meta.json"), "{}");

        ToolRun run = await VerifyAsync("--issues=duplicated_compaction", "--repair");

        Assert.Equal(1, run.Status);
        Assert.Contains("holds another block of the name", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_stage.Block("A0"), "meta.json")));
    }

    [Fact]
    public async Task An_issue_that_can_only_be_told_is_refused_with_repair()
    {
        ToolRun run = await VerifyAsync("--repair", "--issues=overlapped_blocks");

        Assert.Equal(1, run.Status);
        Assert.Contains("no such issue ID overlapped_blocks", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_outside_of_the_blocks_time_are_told()
    {
        string path = Path.Combine(_stage.Block("A0"), "meta.json");
        JsonNode meta = JsonNode.Parse(File.ReadAllText(path))!;
        meta["maxTime"] = 1767230000000;
        File.WriteAllText(path, meta.ToJsonString());

        ToolRun run = await VerifyAsync("--issues=index_known_issues", $"--id={_stage.Ids["A0"]}");

        Assert.Equal(0, run.Status);
        Assert.Contains("outside the block's time range", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_with_chunks_outside_of_its_time_is_repaired_saved_and_replaced()
    {
        string path = Path.Combine(_stage.Block("A0"), "meta.json");
        JsonNode meta = JsonNode.Parse(File.ReadAllText(path))!;
        meta["maxTime"] = 1767230000000;
        File.WriteAllText(path, meta.ToJsonString());

        ToolRun run = await VerifyAsync("--issues=index_known_issues", "--repair", $"--id={_stage.Ids["A0"]}");

        Assert.True(run.Status == 0, run.Error);
        Assert.False(File.Exists(path));
        Assert.True(File.Exists(Path.Combine(_stage.Backup, _stage.Ids["A0"], "meta.json")));
        string repaired = Directory.EnumerateDirectories(_stage.Bucket).Single(d => !_stage.Ids.Values.Contains(Path.GetFileName(d)));
        JsonNode after = JsonNode.Parse(File.ReadAllText(Path.Combine(repaired, "meta.json")))!;
        Assert.Equal("bucket.repair", after["thanos"]!["source"]!.GetValue<string>());
        ToolRun again = await VerifyAsync("--issues=index_known_issues");
        Assert.DoesNotContain("detected issue", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_that_is_not_there_is_named()
    {
        ToolRun run = await VerifyAsync("--issues=index_known_issues", "--id=01AAAAAAAAAAAAAAAAAAAAAAAA");

        Assert.Equal(1, run.Status);
        Assert.Contains("block 01AAAAAAAAAAAAAAAAAAAAAAAA is not in bucket", run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> VerifyAsync(params string[] more) =>
        _stage.RunAsync(["tools", "bucket", "verify", "--objstore.config-file=bucket.yml", "--objstore-backup.config-file=backup.yml", .. more]);
}
