using Aion.Blocks;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;
using Aion.Tsdb;

namespace Aion.Tools.Tests;

public sealed class RewriteCommandTests : IDisposable
{
    private readonly GoldenStage _stage = new();
    private readonly string _golden = SharedFolder.Require("golden", "tsdb", "tools");

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData("rewrite-delete", "rewrite-delete.yml", null)]
    [InlineData("rewrite-relabel", null, "rewrite-relabel.yml")]
    [InlineData("rewrite-both", "rewrite-delete.yml", "rewrite-relabel.yml")]
    [InlineData("rewrite-delete-whole-series", "rewrite-delete-whole.yml", null)]
    [InlineData("rewrite-merging-relabel", null, "rewrite-merge.yml")]
    public async Task The_new_block_and_the_change_log_are_those_of_the_original(string name, string? delete, string? relabel)
    {
        string block = await RewriteAsync(delete, relabel);

        string golden = Directory.EnumerateDirectories(Path.Combine(_golden, name)).Single();
        // Where four counters become one the original takes each sample from another of them; ours takes all from the first.
        bool merges = name == "rewrite-merging-relabel";
        Assert.Equal(Dump(golden).Select(l => merges ? WithoutCounter(l) : l), Dump(block).Select(l => merges ? WithoutCounter(l) : l));
        if (merges) Assert.Equal(CounterOf(_stage.Block("A0"), "k=\"0\""), CounterOf(block, ""));
        Assert.Equal(File.ReadAllText(Path.Combine(_golden, name + ".change.log")), ChangeLog());
        BlockMeta expected = BlockMetaFile.Read(golden), actual = BlockMetaFile.Read(block);
        Assert.Equal(expected.Thanos.Rewrites!.Value.GetRawText(), actual.Thanos.Rewrites!.Value.GetRawText());
        Assert.Equal([actual.Id], actual.Compaction.Sources);
        Assert.Equal((expected.MinTimeMs, expected.MaxTimeMs, expected.Stats.Samples, expected.Stats.Series), (actual.MinTimeMs, actual.MaxTimeMs, actual.Stats.Samples, actual.Stats.Series));
        Assert.Equal(BlockSource.BucketRewrite, actual.Thanos.Source);
    }

    /// <summary>D6 of peer-faults.md: the original panics.</summary>
    [Fact]
    public async Task A_part_of_a_native_histogram_series_can_be_deleted()
    {
        const long From = 1767228600000, To = 1767229600000;

        string block = await RewriteAsync("rewrite-delete-histogram.yml", null);

        List<string> before = Dump(_stage.Block("A0")), after = Dump(block);
        Assert.Equal(before.Where(line => !(line.Contains("c_nh", StringComparison.Ordinal) && TimeOf(line) is >= From and <= To)), after);
        Assert.True(after.Count < before.Count);
        using BlockReader reader = BlockReader.Open(block);
        Assert.All(
            reader.Select([LabelMatcher.Equal("__name__", "c_nh")], long.MinValue, long.MaxValue).SelectMany(s => s.Chunks),
            c => Assert.Equal(ChunkEncoding.Histogram, reader.ReadChunk(c).Encoding));
    }

    [Fact]
    public async Task Windows_of_a_downsampled_block_go_from_all_aggregates_alike()
    {
        const long From = 1766980000000, To = 1767010000000;
        string config = Path.Combine(_stage.Folder, "delete.yml");
        File.WriteAllText(config, $"- matchers: '{{__name__=~\".+\"}}'\n  intervals: [{{mint: {From}, maxt: {To}}}]\n");

        ToolRun run = await _stage.RunAsync(Rewrite("C", $"--rewrite.to-delete-config-file={config}"));

        Assert.True(run.Status == 0, run.Error);
        (List<string> before, List<string> after) = (Aggregates(_stage.Block("C")), Aggregates(NewBlock()));
        Assert.Equal(before.Where(line => TimeOf(line) is < From or > To), after);
        Assert.True(after.Count < before.Count);
    }

    [Fact]
    public async Task Deleting_everything_uploads_no_empty_block()
    {
        string config = Path.Combine(_stage.Folder, "delete.yml");
        File.WriteAllText(config, "- matchers: '{__name__=~\".+\"}'\n");

        ToolRun run = await _stage.RunAsync([.. Rewrite("A0", $"--rewrite.to-delete-config-file={config}"), "--delete-blocks"]);

        Assert.Equal(0, run.Status);
        Assert.Contains("nothing is left of the block", run.Error, StringComparison.Ordinal);
        Assert.Equal(_stage.Ids.Count, Directory.EnumerateDirectories(_stage.Bucket).Count());
        Assert.True(File.Exists(Path.Combine(_stage.Block("A0"), "deletion-mark.json")));
    }

    [Theory]
    [InlineData("- matchers: 'x{'", "parse metric selector x{")]
    [InlineData("- intervals: [{mint: 1, maxt: 2}]", "line 1: matchers are missing")]
    [InlineData("- matchers: x\n  intervals: [{mint: 3, maxt: 2}]", "line 2: mint 3 is after maxt 2")]
    [InlineData("- matchers: x\n  intervals: [{mint: now, maxt: 2}]", "line 2: mint must be a time in milliseconds since 1970")]
    [InlineData("- matchers: x\n  other: 1", "line 2: field other is not known")]
    [InlineData("matchers: x", "line 1: a list of deletions is expected")]
    public async Task A_configuration_that_makes_no_sense_is_refused(string yaml, string error)
    {
        ToolRun run = await _stage.RunAsync(Rewrite("A0", $"--rewrite.to-delete-config={yaml}"));

        Assert.Equal(1, run.Status);
        Assert.Contains(error, run.Error.Replace("\\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_working_folder_keeps_what_is_no_block()
    {
        string mine = Path.Combine(_stage.Folder, "tmp", "mine");
        Directory.CreateDirectory(mine);

        await RewriteAsync("rewrite-delete.yml", null);

        Assert.True(Directory.Exists(mine));
    }

    private string[] Rewrite(string block, params string[] more) =>
        ["tools", "bucket", "rewrite", "--objstore.config-file=bucket.yml", $"--id={_stage.Ids[block]}", "--tmp.dir=tmp", "--no-dry-run", .. more];

    private async Task<string> RewriteAsync(string? delete, string? relabel)
    {
        List<string> more = [];
        if (delete is not null) more.Add("--rewrite.to-delete-config-file=" + delete);
        if (relabel is not null) more.Add("--rewrite.to-relabel-config-file=" + relabel);
        ToolRun run = await _stage.RunAsync(Rewrite("A0", [.. more]));
        Assert.True(run.Status == 0, run.Error);
        return NewBlock();
    }

    private string NewBlock() => Directory.EnumerateDirectories(_stage.Bucket).Single(d => !_stage.Ids.Values.Contains(Path.GetFileName(d)));

    private string ChangeLog() =>
        File.ReadAllText(Directory.EnumerateFiles(Path.Combine(_stage.Folder, "tmp"), "change.log", SearchOption.AllDirectories).Single());

    private static string WithoutCounter(string line) => line.Contains("c_counter_total", StringComparison.Ordinal) ? line[..line.LastIndexOf(' ')] : line;

    private static IEnumerable<string> CounterOf(string folder, string label) =>
        Dump(folder).Where(l => l.Contains("c_counter_total", StringComparison.Ordinal) && l.Contains(label, StringComparison.Ordinal)).Select(l => l[l.LastIndexOf('@')..]);

    private static long TimeOf(string line) => long.Parse(line[(line.LastIndexOf('@') + 1)..line.LastIndexOf(' ')], System.Globalization.CultureInfo.InvariantCulture);

    private static List<string> Dump(string folder)
    {
        List<string> lines = [];
        using BlockReader block = BlockReader.Open(folder);
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            SampleBuffer samples = new();
            block.ReadSamples(series, samples, long.MinValue, long.MaxValue);
            Append(lines, series.Labels.ToString(), samples);
        }

        return lines;
    }

    private static List<string> Aggregates(string folder)
    {
        List<string> lines = [];
        using BlockReader block = BlockReader.Open(folder);
        foreach (BlockSeries series in block.Select([], long.MinValue, long.MaxValue))
        {
            foreach (ChunkMeta meta in series.Chunks)
            {
                AggregateChunks split = AggregateChunkCodec.Split(block.ReadChunk(meta));
                (string Name, Chunk Chunk)[] slots = [("count", split.Count), ("sum", split.Sum), ("min", split.Min), ("max", split.Max)];
                foreach (var (name, chunk) in slots.Where(s => !s.Chunk.IsEmpty))
                {
                    SampleBuffer samples = new();
                    ChunkDecoder.Decode(chunk, samples, long.MinValue, long.MaxValue);
                    Append(lines, $"{series.Labels} {name}", samples);
                }
            }
        }

        // Chunk by chunk the aggregates come in turn; cut chunks change nothing about a series' lines.
        return [.. lines.OrderBy(l => l[..l.LastIndexOf('@')], StringComparer.Ordinal).ThenBy(TimeOf)];
    }

    private static void Append(List<string> lines, string what, SampleBuffer samples)
    {
        for (int i = 0; i < samples.Count; i++)
        {
            string value = samples.HasHistograms && samples.Histograms[i] is { } histogram
                ? histogram.ToString()!.Replace(' ', '_')
                : BitConverter.DoubleToInt64Bits(samples.Values[i]).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
            lines.Add($"{what}@{samples.Times[i]} {value}");
        }
    }
}
