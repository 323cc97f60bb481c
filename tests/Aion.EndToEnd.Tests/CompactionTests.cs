using System.Text.Json;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>Five days of two-hour blocks of an HA pair through <c>aion compact</c>, and a real Prometheus on what comes out.</summary>
[Collection("processes")]
public sealed class CompactionTests
{
    private static readonly string[] Options = ["--consistency-delay=0s", "--http-address=127.0.0.1:0"];

    [Fact]
    public async Task Prometheus_answers_the_same_before_and_after_and_no_sample_is_lost()
    {
        using var temp = new TempDirectory();
        PrometheusProcess before = PrometheusProcess.Prepare(temp.Combine("before"), scrape: false);
        PrometheusProcess after = PrometheusProcess.Prepare(temp.Combine("after"), scrape: false);
        await using var ends = before;
        await using var alsoEnds = after;
        foreach (string replica in new[] { "a", "b" })
        {
            await Dataset.WriteAsync(temp.Combine(replica), "--hours", "120", "--instances", "2", "--step", "60", "--replica", replica);
            Dataset.Upload(temp, temp.Combine(replica), $"bucket-{replica}", "cluster", "x", "replica", replica);
            foreach (string bucket in new[] { "apart", "together" }) temp.CopyOf(temp.Combine($"bucket-{replica}"), bucket);
        }

        // Each replica by itself: nothing is added or taken away.
        Dictionary<string, long> samples = Samples(temp.Combine("apart"));
        await CompactAsync(temp, "apart");
        Dictionary<string, long> compacted = Samples(temp.Combine("apart"));
        Assert.Equal(samples["a 0"], compacted["a 0"]);
        Assert.Equal(samples["b 0"], compacted["b 0"]);
        Assert.True(compacted["a 300000"] > 0 && compacted["b 300000"] > 0, "nothing was downsampled");

        temp.CopyOf(temp.Combine("a"), Path.Combine("before", "data"));
        foreach (string block in Live(temp.Combine("apart"), "a 0")) temp.CopyOf(block, Path.Combine("after", "data", Path.GetFileName(block)));
        (int analyzed, string analysis) = await RunningProcess.RunAsync("promtool", ["tsdb", "analyze", after.DataDirectory]);
        Assert.True(analyzed == 0, analysis);
        await before.StartAsync();
        await after.StartAsync();
        await AssertSameAsync(temp, before.Url, after.Url);

        // Both as one: the replica label is gone, gaps of one are filled by the other, and nothing is there twice.
        await CompactAsync(temp, "together", "--deduplication.replica-label=replica", "--deduplication.func=penalty");
        Dictionary<string, long> merged = Samples(temp.Combine("together"));
        Assert.DoesNotContain(merged.Keys, k => !k.StartsWith(' ') && k.EndsWith(" 300000", StringComparison.Ordinal));
        long total = merged[" 0"] + merged.Where(m => m.Key is "a 0" or "b 0").Sum(m => m.Value);
        Assert.InRange(total, Math.Max(samples["a 0"], samples["b 0"]), samples["a 0"] + (samples["b 0"] / 2));
    }

    private static async Task CompactAsync(TempDirectory temp, string bucket, params string[] more)
    {
        (int status, string output) = await RunningProcess.RunAsync(
            AionProcess.Binary,
            ["compact", $"--data-dir={temp.Combine("data-" + bucket)}", $"--objstore.config-file={Dataset.BucketConfig(temp, bucket)}", .. Options, .. more],
            TimeSpan.FromMinutes(5));
        Assert.True(status == 0, output);
    }

    private static async Task AssertSameAsync(TempDirectory temp, string reference, string subject)
    {
        (int generated, string queries) = await RunningProcess.RunAsync("python3", [SharedFolder.Require("oracle", "gen_queries.py"), "--seed", "5", "--count", "80", "--level", "2"]);
        Assert.True(generated == 0, queries);
        await File.WriteAllTextAsync(temp.Combine("queries.txt"), queries);
        (int status, string output) = await RunningProcess.RunAsync("python3",
        [
            SharedFolder.Require("oracle", "diff_promql.py"), "--reference", reference, "--subject", subject, "--queries", temp.Combine("queries.txt"),
            "--start", "1766793600", "--end", "1767225600", "--step", "1800",
        ]);
        Assert.True(status == 0, output);
    }

    /// <summary>Samples by "replica resolution" of the blocks that stay.</summary>
    private static Dictionary<string, long> Samples(string bucket) => Blocks(bucket)
        .GroupBy(b => b.Key).ToDictionary(g => g.Key, g => g.Sum(b => b.Meta.GetProperty("stats").GetProperty("numSamples").GetInt64()));

    private static IEnumerable<string> Live(string bucket, string key) => Blocks(bucket).Where(b => b.Key == key).Select(b => b.Folder);

    private static IEnumerable<(string Key, string Folder, JsonElement Meta)> Blocks(string bucket)
    {
        foreach (string folder in Directory.EnumerateDirectories(bucket))
        {
            if (!File.Exists(Path.Combine(folder, "meta.json")) || File.Exists(Path.Combine(folder, "deletion-mark.json"))) continue;
            JsonElement meta = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "meta.json"))).RootElement.Clone();
            JsonElement thanos = meta.GetProperty("thanos");
            string replica = thanos.GetProperty("labels").TryGetProperty("replica", out JsonElement label) ? label.GetString()! : "";
            yield return ($"{replica} {thanos.GetProperty("downsample").GetProperty("resolution").GetInt64()}", folder, meta);
        }
    }
}
