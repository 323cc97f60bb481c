using System.Text.Json;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Compactor.Tests;

/// <summary>The buckets of <c>golden/tsdb/compact</c>, compacted by ours as they were by Thanos: same blocks, same bytes, same marks.</summary>
public sealed class CompactGoldenTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Scenarios =>
    [
        "plain", "overlap", "no-compact", "garbage", "levels", "delete-delay-0", "downsample", "dedup-jitter-default", "dedup-jitter-penalty",
        "dedup-same-times-default", "dedup-same-times-penalty", "dedup-5m-penalty",
    ];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_bucket_comes_to_the_state_that_Thanos_brings_it_to(string scenario)
    {
        string golden = SharedFolder.Require("golden", "tsdb", "compact", scenario);
        string input = scenario == "downsample" ? SharedFolder.Require("golden", "tsdb", "downsample", "raw") : Path.Combine(golden, "input");
        using var temp = new TempDirectory();
        var bucket = new InMemoryBucket(TimeProvider.System);
        await LoadAsync(bucket, input, scenario == "downsample");

        foreach (string[] arguments in RunsOf(golden)) await RunAsync(bucket, arguments, temp.Combine("data"));

        using JsonDocument summary = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(golden, "summary.json"), Token));
        await CompareBlocksAsync(bucket, summary.RootElement.GetProperty("newBlocks"), Path.Combine(golden, "output"));
        CompareMarks(bucket, summary.RootElement, golden, input);
    }

    private static IEnumerable<string[]> RunsOf(string golden)
    {
        foreach (string line in File.ReadLines(Path.Combine(golden, "runs.jsonl")))
        {
            using JsonDocument run = JsonDocument.Parse(line);
            string[] arguments = [.. run.RootElement.GetProperty("args").EnumerateArray().Select(a => a.GetString()!)];
            // Recorded with the bucket as it was before; marks of the input lie in it already.
            if (arguments[0] == "compact") yield return arguments;
        }
    }

    private static async Task LoadAsync(InMemoryBucket bucket, string folder, bool isBlock)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string key = Path.GetRelativePath(folder, file).Replace('\\', '/');
            if (isBlock && BlockLayout.TryBlockOf(Path.GetFileName(folder), out BlockId _)) key = $"{Path.GetFileName(folder)}/{key}";
            await bucket.UploadAsync(key, await File.ReadAllBytesAsync(file, Token), Token);
        }
    }

    /// <summary>The recorded command line, as far as it matters to a bucket.</summary>
    private static async Task RunAsync(InMemoryBucket bucket, string[] arguments, string data)
    {
        string Value(string name, string absent) => arguments.FirstOrDefault(a => a.StartsWith($"--{name}=", StringComparison.Ordinal)) is { } found ? found[(name.Length + 3)..] : absent;
        bool isPenalty = Value("deduplication.func", "") == "penalty";
        string replica = Value("deduplication.replica-label", "");
        var options = new CompactorOptions
        {
            DataDirectory = data,
            ReplicaLabels = replica.Length > 0 ? [replica] : [],
            Merge = new MergeOptions { Function = isPenalty ? MergeFunction.Penalty : MergeFunction.Chain },
            Policy = new CompactionPolicy
            {
                ConsistencyDelay = TimeSpan.Zero,
                DeleteDelay = Value("delete-delay", "48h") == "0s" ? TimeSpan.Zero : TimeSpan.FromHours(48),
                DownsamplingEnabled = !arguments.Contains("--downsampling.disable"),
            },
        };
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        // Marks keep whole seconds, so with no delay the clock has to move on between two looks.
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-24T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture)) { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var context = new ComponentContext("compact", NullLoggerFactory.Instance, time, environment);
        using var service = new CompactorService(bucket, options, context, new DiskBudget(() => long.MaxValue / 4), new BlockWork());
        await service.RunOnceAsync(Token);
    }

    private static async Task CompareBlocksAsync(InMemoryBucket bucket, JsonElement newBlocks, string output)
    {
        Dictionary<string, BlockMeta> ours = [];
        foreach (string key in bucket.Keys.Where(k => k.EndsWith("/meta.json", StringComparison.Ordinal)))
        {
            BlockMeta meta = BlockMetaReader.Parse(await bucket.ReadAllAsync(key, BlockMetaReader.MaxBytes, Token), key);
            ours[meta.Id.ToString()] = meta;
        }

        foreach (JsonElement block in newBlocks.EnumerateArray())
        {
            string id = block.GetProperty("ulid").GetString()!;
            if (ours.ContainsKey(id)) continue; // of the input
            BlockMeta theirs = BlockMetaReader.Parse(System.Text.Encoding.UTF8.GetBytes(block.GetProperty("meta").GetRawText()), id);
            BlockMeta made = Assert.Single(ours.Values, m => IsSame(m, theirs));
            // Where Thanos makes false counter resets (peer-faults W3) chunks have other lengths; their samples are compared by the downsampling tests.
            bool isFaulty = theirs.Thanos.ResolutionMs != BlockResolution.Raw;
            if (isFaulty) theirs = theirs with { Thanos = theirs.Thanos with { Files = made.Thanos.Files, IndexStats = made.Thanos.IndexStats } };
            Assert.Equal(Text(theirs), Text(made with
            {
                Id = theirs.Id,
                // The parents may be new blocks themselves.
                Compaction = made.Compaction with { Parents = theirs.Compaction.Parents },
                // The block that is downsampled lies in the golden folder with another version than in the bucket that was recorded.
                Thanos = made.Thanos with { UploadTime = theirs.Thanos.UploadTime, Version = theirs.Thanos.Version },
            }));
            Assert.Equal(theirs.Compaction.Parents.Select(p => (p.MinTimeMs, p.MaxTimeMs)), made.Compaction.Parents.Select(p => (p.MinTimeMs, p.MaxTimeMs)));
            foreach (string file in theirs.Thanos.Files.Select(f => f.RelativePath).Where(f => f != "meta.json"))
            {
                string golden = Path.Combine(output, id, file);
                if (isFaulty || !File.Exists(golden)) continue;
                Assert.Equal(await File.ReadAllBytesAsync(golden, Token), await bucket.ReadAllAsync($"{made.Id}/{file}", int.MaxValue, Token));
            }

            Assert.Equal(block.GetProperty("deletionMark").GetBoolean(), bucket.Keys.Contains(BlockLayout.Key(made.Id, BlockLayout.DeletionMarkFile)));
            ours.Remove(made.Id.ToString());
        }
    }

    private static bool IsSame(BlockMeta a, BlockMeta b) =>
        a.MinTimeMs == b.MinTimeMs && a.MaxTimeMs == b.MaxTimeMs && a.Thanos.ResolutionMs == b.Thanos.ResolutionMs && a.Thanos.Labels == b.Thanos.Labels
        && a.Compaction.Level == b.Compaction.Level && a.Compaction.Sources.SequenceEqual(b.Compaction.Sources) && a.Thanos.Source == b.Thanos.Source;

    private static void CompareMarks(InMemoryBucket bucket, JsonElement summary, string golden, string input)
    {
        foreach (JsonElement gone in summary.GetProperty("gone").EnumerateArray())
            Assert.DoesNotContain(bucket.Keys, k => k.StartsWith(gone.GetString()!.Split('/')[0], StringComparison.Ordinal));
        string[] inputs = [.. Directory.EnumerateDirectories(input).Select(d => Path.GetFileName(d)!)];
        var expected = Directory.EnumerateFiles(Path.Combine(golden, "output"), "*-mark.json", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Path.Combine(golden, "output"), f).Replace('\\', '/')).Where(k => inputs.Contains(k.Split('/')[0])).Order().ToList();
        var known = Directory.EnumerateFiles(input, "*-mark.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(input, f).Replace('\\', '/'));
        Assert.Equal(expected, bucket.Keys.Where(BlockLayout.IsMark).Except(known).Where(k => inputs.Contains(k.Split('/')[0])).Order());
        foreach (string key in expected)
        {
            using JsonDocument theirs = JsonDocument.Parse(File.ReadAllText(Path.Combine(golden, "output", key)));
            using JsonDocument made = JsonDocument.Parse(bucket.ReadAllAsync(key, 100_000, Token).GetAwaiter().GetResult());
            Assert.Equal(theirs.RootElement.EnumerateObject().Select(p => p.Name), made.RootElement.EnumerateObject().Select(p => p.Name));
            if (theirs.RootElement.TryGetProperty("reason", out JsonElement reason)) Assert.Equal(reason.GetString(), made.RootElement.GetProperty("reason").GetString());
            else Assert.Equal(theirs.RootElement.GetProperty("details").GetString(), made.RootElement.GetProperty("details").GetString());
        }
    }

    private static string Text(BlockMeta meta) => System.Text.Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta));
}
