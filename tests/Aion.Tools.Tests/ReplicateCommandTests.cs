namespace Aion.Tools.Tests;

public sealed class ReplicateCommandTests : IDisposable
{
    private readonly GoldenStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task Every_block_arrives_as_it_is_and_a_second_run_sends_nothing()
    {
        ToolRun run = await ReplicateAsync();

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(GoldenStage.Files(_stage.Bucket), GoldenStage.Files(_stage.Backup));
        foreach (string file in GoldenStage.Files(_stage.Bucket))
            Assert.Equal(File.ReadAllBytes(Path.Combine(_stage.Bucket, file)), File.ReadAllBytes(Path.Combine(_stage.Backup, file)));

        ToolRun again = await ReplicateAsync("--log.level=debug");
        Assert.DoesNotContain("replicated block", again.Error, StringComparison.Ordinal);
        Assert.Equal(5, Count(again.Error, "skipping block as already replicated"));
    }

    [Theory]
    [InlineData(new[] { "--resolution=5m" }, "C")]
    [InlineData(new[] { "--resolution=0s" }, "A0 A1 B0 B2")]
    [InlineData(new[] { "--matcher={group=\"b\"}" }, "B0 B2")]
    [InlineData(new[] { "--matcher=group!=b, group=~a|c" }, "A0 A1 C")]
    [InlineData(new[] { "--compaction=2" }, "")]
    [InlineData(new[] { "--compaction-min=2" }, "")]
    [InlineData(new[] { "--compaction=1", "--compaction-min=3" }, "A0 A1 B0 B2 C")]
    [InlineData(new[] { "--min-time=2026-01-01T02:30:00Z" }, "A1 B2")]
    [InlineData(new[] { "--max-time=2025-12-31T00:00:00Z" }, "C")]
    public async Task Only_what_the_flags_select_is_copied(string[] flags, string expected)
    {
        ToolRun run = await ReplicateAsync(flags);

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(Names(expected), Blocks());
    }

    [Fact]
    public async Task Chosen_blocks_are_copied_whatever_the_filters_say_and_without_single_run()
    {
        ToolRun run = await _stage.RunAsync(Arguments($"--id={_stage.Ids["C"]}", "--resolution=0s", "--matcher={group=\"a\"}"));

        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(Names("C"), Blocks());
    }

    [Fact]
    public async Task Marked_blocks_are_left_out_when_asked()
    {
        File.WriteAllText(Path.Combine(_stage.Block("A0"), "deletion-mark.json"), $"{{\"id\":\"{_stage.Ids["A0"]}\",\"version\":1,\"deletion_time\":{_stage.Time.GetUtcNow().ToUnixTimeSeconds()}}}");

        await ReplicateAsync("--ignore-marked-for-deletion");

        Assert.Equal(Names("A1 B0 B2 C"), Blocks());
    }

    [Fact]
    public async Task What_a_run_left_half_way_is_finished()
    {
        await ReplicateAsync();
        string block = Path.Combine(_stage.Backup, _stage.Ids["A0"]);
        File.Delete(Path.Combine(block, "meta.json"));
        File.WriteAllText(Path.Combine(block, "index"), "cut off");

        await ReplicateAsync();

        Assert.Equal(File.ReadAllBytes(Path.Combine(_stage.Block("A0"), "index")), File.ReadAllBytes(Path.Combine(block, "index")));
        Assert.True(File.Exists(Path.Combine(block, "meta.json")));
    }

    [Fact]
    public async Task Without_single_run_new_blocks_are_copied_every_minute_and_a_failed_run_is_tried_again()
    {
        string hidden = Path.Combine(_stage.Folder, "hidden");
        Directory.Move(_stage.Block("A0"), hidden);
        string index = Path.Combine(_stage.Block("A1"), "index");
        File.Move(index, index + "-away");
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(1));
        Task<ToolRun> running = ToolProgram.RunAsync(
            [.. Arguments().Select(a => a.Replace("bucket.yml", Path.Combine(_stage.Folder, "bucket.yml"), StringComparison.Ordinal).Replace("backup.yml", Path.Combine(_stage.Folder, "backup.yml"), StringComparison.Ordinal))],
            _stage.Time, stopping: stop.Token);

        // A1 lacks its index, so the first run fails behind what it could do before.
        File.Move(index + "-away", index);
        Directory.Move(hidden, _stage.Block("A0"));
        while (Blocks().Count < 5 && !stop.IsCancellationRequested)
        {
            _stage.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(20);
        }

        await stop.CancelAsync();
        ToolRun run = await running;
        Assert.Equal(0, run.Status);
        Assert.Equal(Names("A0 A1 B0 B2 C"), Blocks());
    }

    [Theory]
    [InlineData("--compaction-min=5", "--compaction-min=5 must not be more than --compaction-max=4")]
    [InlineData("--matcher={a=\"1\"", "braces must come in a pair")]
    [InlineData("--matcher=a", "parse block label matchers")]
    [InlineData("--id=x", "block.id is not a valid UUID, got: x")]
    public async Task A_flag_that_makes_no_sense_is_refused(string flag, string error)
    {
        ToolRun run = await ReplicateAsync(flag);

        Assert.Equal(1, run.Status);
        Assert.Contains(error, run.Error.Replace("\\\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_to_copy_to_is_required()
    {
        ToolRun run = await _stage.RunAsync(["tools", "bucket", "replicate", "--objstore.config-file=bucket.yml", "--http-address=127.0.0.1:0"]);

        Assert.Equal(1, run.Status);
        Assert.Contains("No supported bucket was configured to replicate to", run.Error, StringComparison.Ordinal);
    }

    private static string[] Arguments(params string[] more) =>
    [
        "tools", "bucket", "replicate", "--objstore.config-file=bucket.yml", "--objstore-to.config-file=backup.yml", "--http-address=127.0.0.1:0", .. more,
    ];

    private Task<ToolRun> ReplicateAsync(params string[] more) => _stage.RunAsync(Arguments(["--single-run", .. more]));

    private IReadOnlyList<string> Names(string names) => [.. names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => _stage.Ids[n]).Order(StringComparer.Ordinal)];

    /// <summary>Complete blocks in the target.</summary>
    private IReadOnlyList<string> Blocks() =>
        [.. Directory.EnumerateDirectories(_stage.Backup).Where(d => File.Exists(Path.Combine(d, "meta.json"))).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
