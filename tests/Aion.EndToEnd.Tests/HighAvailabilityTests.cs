using System.Text.Json;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>The whole read and upload path: two real Prometheus replicas, a sidecar each, one bucket, a store, a query.</summary>
[Collection("processes")]
public sealed class HighAvailabilityTests
{
    [Fact]
    public async Task Two_replicas_and_a_bucket_are_one_deduplicated_view()
    {
        using var temp = new TempDirectory();
        string bucket = await PrepareAsync(temp);
        await using PrometheusProcess first = await ReplicaAsync(temp, "a");
        await using PrometheusProcess second = await ReplicaAsync(temp, "b");
        await using AionProcess sidecarA = await SidecarAsync(first, bucket);
        await using AionProcess sidecarB = await SidecarAsync(second, bucket);
        await using AionProcess store = await AionProcess.StartAsync(
            "store", $"--objstore.config-file={bucket}", $"--data-dir={temp.Combine("store")}", "--sync-block-duration=1s");
        await using AionProcess query = await AionProcess.StartAsync(
            "query", $"--endpoint={sidecarA.Grpc}", $"--endpoint={sidecarB.Grpc}", $"--endpoint={store.Grpc}", "--query.replica-label=replica");

        // Fresh data is in the two Prometheus heads only.
        await Eventually.TrueAsync(
            async () => Api.SingleValue(await Api.QueryAsync(query.Http, "count(up)", "&dedup=false")) == 2, "both replicas have scraped",
            explain: () => query.Process.Tail());
        Assert.Equal(1, Api.SingleValue(await Api.QueryAsync(query.Http, "count(up)", "&dedup=true")));

        // What Prometheus knows beside series comes through both sidecars; each replica scrapes itself.
        JsonElement targets = (await Api.GetAsync($"{query.Http}/api/v1/targets")).GetProperty("data").GetProperty("activeTargets");
        Assert.Equal(2, targets.GetArrayLength());
        Assert.All(targets.EnumerateArray(), t => Assert.False(t.GetProperty("labels").TryGetProperty("replica", out _)));
        JsonElement metadata = await Api.GetAsync($"{query.Http}/api/v1/metadata?metric=prometheus_build_info");
        Assert.Equal("gauge", metadata.GetProperty("data").GetProperty("prometheus_build_info")[0].GetProperty("type").GetString());
        JsonElement statistics = await Api.GetAsync($"{query.Http}/api/v1/status/tsdb");
        Assert.True(statistics.GetProperty("data").GetProperty("headStats").GetProperty("numSeries").GetInt64() > 100);
        foreach (string path in (string[])["rules", "alerts", "query_exemplars?query=up"])
            Assert.Empty(Api.Warnings(await Api.GetAsync($"{query.Http}/api/v1/{path}")));

        // The old blocks went to the bucket, once per replica, and no temporary object stayed.
        string bucketFolder = temp.Combine("bucket");
        int expected = Directory.GetDirectories(Path.Combine(first.DataDirectory)).Count(IsBlock) * 2;
        await Eventually.TrueAsync(
            () => Task.FromResult(Directory.GetDirectories(bucketFolder).Count(d => File.Exists(Path.Combine(d, "meta.json"))) == expected),
            "both sidecars have uploaded", explain: () => sidecarA.Process.Tail());
        string old = $"&time={Dataset.InsideTime}";
        await Eventually.TrueAsync(
            async () => Api.SingleValue(await Api.QueryAsync(store.Http.Length > 0 ? query.Http : "", "count(node_load1)", $"{old}&dedup=false")) > 0,
            "old data is answered");
        double whole = Api.SingleValue(await Api.QueryAsync(query.Http, "count(node_load1)", old))!.Value;

        // With a sidecar stopped, the store alone has that replica's old data; and nobody is missed in the answer.
        Assert.Equal(0, await sidecarA.Process.StopAsync());
        Assert.Equal(0, await sidecarB.Process.StopAsync());
        await Eventually.TrueAsync(
            async () => (await HealthyStoresAsync(query.Http)) == 1, "the two sidecars are seen to be gone", explain: () => query.Process.Tail());
        JsonElement fromBucket = await Api.QueryAsync(query.Http, "count(node_load1)", old);
        Assert.Equal(whole, Api.SingleValue(fromBucket));
        Assert.Empty(Api.Warnings(fromBucket));
    }

    [Fact]
    public async Task A_restarted_sidecar_uploads_nothing_twice()
    {
        using var temp = new TempDirectory();
        string bucket = await PrepareAsync(temp);
        await using PrometheusProcess prometheus = await ReplicaAsync(temp, "a");
        int blocks = Directory.GetDirectories(prometheus.DataDirectory).Count(IsBlock);
        string bucketFolder = temp.Combine("bucket");
        await using (AionProcess sidecar = await SidecarAsync(prometheus, bucket))
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(Directory.GetDirectories(bucketFolder).Count(d => File.Exists(Path.Combine(d, "meta.json"))) == blocks),
                "the blocks are uploaded", explain: () => sidecar.Process.Tail());
            Assert.Equal(0, await sidecar.Process.StopAsync());
        }

        Dictionary<string, DateTime> before = Metas(bucketFolder);
        await using AionProcess again = await SidecarAsync(prometheus, bucket);
        await Eventually.TrueAsync(
            async () => (await Api.Client.GetStringAsync($"{again.Http}/metrics")).Contains("thanos_shipper_dir_syncs_total 1", StringComparison.Ordinal),
            "the second sidecar has looked at the blocks", explain: () => again.Process.Tail());

        Assert.Equal(before, Metas(bucketFolder));
    }

    [Fact]
    public async Task A_store_that_dies_is_a_warning_or_an_error_as_asked()
    {
        using var temp = new TempDirectory();
        await Dataset.WriteAsync(temp.Combine("blocks"));
        Dataset.Upload(temp, temp.Combine("blocks"), "bucket-a", "replica", "a");
        Dataset.Upload(temp, temp.Combine("blocks"), "bucket-b", "replica", "b");
        await using AionProcess storeA = await StoreAsync(temp, "bucket-a");
        await using AionProcess storeB = await StoreAsync(temp, "bucket-b");
        // A strict endpoint stays expected after it is gone, so its absence must show in every answer.
        await using AionProcess query = await AionProcess.StartAsync(
            "query", $"--endpoint-strict={storeA.Grpc}", $"--endpoint-strict={storeB.Grpc}", "--query.replica-label=replica");
        string at = $"&time={Dataset.InsideTime}";
        double whole = Api.SingleValue(await Api.QueryAsync(query.Http, "count(node_load1)", at))!.Value;

        // Mid-query: the store is held still until the query waits for it, then it dies.
        storeB.Process.Signal("STOP");
        Task<JsonElement> asked = Api.QueryAsync(query.Http, "count(node_load1)", at);
        await Eventually.TrueAsync(
            async () => (await Api.Client.GetStringAsync($"{query.Http}/metrics"))
                .Contains("thanos_query_concurrent_gate_queries_in_flight 1", StringComparison.Ordinal),
            "the query is under way");
        Assert.False(asked.IsCompleted);
        storeB.Process.Signal("KILL");
        await storeB.Process.WaitForExitAsync(TimeSpan.FromSeconds(10));

        JsonElement partial = await asked;
        Assert.Equal(whole, Api.SingleValue(partial));
        Assert.Contains(Api.Warnings(partial), w => w.Contains(storeB.Grpc, StringComparison.Ordinal));
        JsonElement refused = await Api.QueryAsync(query.Http, "count(node_load1)", at + "&partial_response=false");
        Assert.Equal("error", refused.GetProperty("status").GetString());
        Assert.Contains(storeB.Grpc, refused.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private static async Task<string> PrepareAsync(TempDirectory temp)
    {
        await Dataset.WriteAsync(temp.Combine("blocks"), "--instances", "2");
        Directory.CreateDirectory(temp.Combine("bucket"));
        return Dataset.BucketConfig(temp, "bucket");
    }

    /// <summary>A Prometheus that starts with old blocks of its own, as after a day of work.</summary>
    private static async Task<PrometheusProcess> ReplicaAsync(TempDirectory temp, string replica)
    {
        PrometheusProcess prometheus = PrometheusProcess.Prepare(temp.Combine("prometheus-" + replica), scrape: true, "cluster", "one", "replica", replica);
        string data = temp.CopyOf(temp.Combine("blocks"), Path.Combine("prometheus-" + replica, "data"));
        // Each replica's blocks have names of their own; the last letter of a ULID is free to change.
        foreach (string block in Directory.GetDirectories(data))
        {
            string id = Path.GetFileName(block);
            string renamed = id[..^1] + (replica == "a" ? 'A' : 'B');
            if (renamed == id) continue;
            Directory.Move(block, Path.Combine(data, renamed));
            string meta = Path.Combine(data, renamed, "meta.json");
            File.WriteAllText(meta, File.ReadAllText(meta).Replace(id, renamed, StringComparison.Ordinal));
        }

        await prometheus.StartAsync();
        return prometheus;
    }

    private static Task<AionProcess> SidecarAsync(PrometheusProcess prometheus, string bucketConfig) => AionProcess.StartAsync(
        "sidecar", $"--prometheus.url={prometheus.Url}", $"--tsdb.path={prometheus.DataDirectory}", $"--objstore.config-file={bucketConfig}");

    private static Task<AionProcess> StoreAsync(TempDirectory temp, string bucketName) => AionProcess.StartAsync(
        "store", $"--objstore.config-file={Dataset.BucketConfig(temp, bucketName)}", $"--data-dir={temp.Combine("data-" + bucketName)}");

    private static bool IsBlock(string directory) => Path.GetFileName(directory).Length == 26;

    private static Dictionary<string, DateTime> Metas(string bucket) =>
        Directory.GetDirectories(bucket).ToDictionary(d => Path.GetFileName(d), d => File.GetLastWriteTimeUtc(Path.Combine(d, "meta.json")));

    private static async Task<int> HealthyStoresAsync(string query)
    {
        JsonElement stores = (await Api.GetAsync($"{query}/api/v1/stores")).GetProperty("data");
        return stores.EnumerateObject().Sum(g => g.Value.EnumerateArray().Count(s => s.GetProperty("lastError").ValueKind == JsonValueKind.Null));
    }
}
