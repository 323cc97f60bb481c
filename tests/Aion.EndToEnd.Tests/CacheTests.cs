using System.Globalization;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>A store with its indexes in a real Redis and its chunks in a real Memcached.</summary>
[Collection("processes")]
public sealed class CacheTests
{
    [Fact]
    public async Task What_is_cached_is_not_read_again_and_dead_caches_change_no_answer()
    {
        using var temp = new TempDirectory();
        await Dataset.WriteAsync(temp.Combine("blocks"));
        Dataset.Upload(temp, temp.Combine("blocks"), "bucket", "cluster", "one");
        await using CacheServer redis = await CacheServer.RedisAsync(), memcached = await CacheServer.MemcachedAsync();
        await File.WriteAllTextAsync(
            temp.Combine("caching-bucket.yml"), $"type: MEMCACHED\nconfig:\n  addresses: ['{memcached.Address}']\n  timeout: 20s\n");
        await using AionProcess store = await AionProcess.StartAsync(
            "store", $"--objstore.config-file={Dataset.BucketConfig(temp, "bucket")}", $"--data-dir={temp.Combine("data")}",
            $"--index-cache.config={{type: REDIS, config: {{addr: '{redis.Address}', read_timeout: 20s, write_timeout: 20s}}}}",
            $"--store.caching-bucket.config-file={temp.Combine("caching-bucket.yml")}", "--matcher-cache-size=100");
        await using AionProcess query = await AionProcess.StartAsync("query", $"--endpoint={store.Grpc}");
        string[] expected = [];
        await Eventually.TrueAsync(async () =>
        {
            double before = await MetricAsync(store, "thanos_objstore_bucket_operations_total");
            expected = await AnswersAsync(query);
            return expected.All(e => e.Contains("\"value\"", StringComparison.Ordinal)) && await MetricAsync(store, "thanos_objstore_bucket_operations_total") == before;
        }, "a run touches the bucket for nothing", explain: () => store.Process.Tail());
        Assert.True(await MetricAsync(store, "thanos_store_index_cache_hits_total") > 0);
        Assert.True(await MetricAsync(store, "thanos_store_bucket_cache_operation_hits_total") > 0);
        Assert.True(await MetricAsync(store, "thanos_cache_memcached_hits_total") > 0);
        Assert.True(await MetricAsync(store, "thanos_matchers_cache_hits_total") > 0);
        Assert.Equal(2, await MetricAsync(store, "aion_cache_server_used"));

        await redis.KillAsync();
        await memcached.KillAsync();
        for (var i = 0; i < 3; i++) Assert.Equal(expected, await AnswersAsync(query));
        await Eventually.TrueAsync(async () => await MetricAsync(store, "aion_cache_server_used") == 0, "both are bypassed", explain: () => store.Process.Tail());
        Assert.Equal(2, store.Process.Output.Split('\n').Count(l => l.Contains("is bypassed", StringComparison.Ordinal)));
        Assert.Equal(0, await store.Process.StopAsync());
    }

    [Theory]
    [InlineData("--index-cache.config={type: REDIS, config: {adr: 'x:1'}}", "config.adr")]
    [InlineData("--index-cache.config={type: MEMCACHED}", "config.addresses")]
    [InlineData("--store.caching-bucket.config={type: GROUPCACHE}", "GROUPCACHE")]
    [InlineData("--store.caching-bucket.config={type: IN-MEMORY, chunk_subrange_size: none}", "chunk_subrange_size")]
    public async Task A_wrong_cache_configuration_names_the_field(string flag, string field)
    {
        using var temp = new TempDirectory();
        (int exit, string output) = await RunningProcess.RunAsync(
            AionProcess.Binary, ["store", $"--objstore.config-file={Dataset.BucketConfig(temp, "bucket")}", flag], TimeSpan.FromSeconds(30));

        Assert.Equal(1, exit);
        string error = Assert.Single(output.Split('\n'), l => l.Contains("level=error", StringComparison.Ordinal));
        Assert.Contains(field, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<string[]> AnswersAsync(AionProcess query)
    {
        var answers = new List<string>();
        // What dashboards ask, and one that looks at many names.
        string[] queries = [.. File.ReadLines(SharedFolder.Require("oracle", "bench_queries.txt")).Where(l => l is not ("" or ['#', ..])), "count({__name__=~\"node_.*|http_.*\"})"];
        foreach (string expression in queries)
            answers.Add((await Api.QueryAsync(query.Http, expression, $"&time={Dataset.InsideTime}")).GetProperty("data").GetProperty("result").GetRawText());
        return [.. answers];
    }

    private static async Task<double> MetricAsync(AionProcess process, string name) =>
        (await Api.Client.GetStringAsync($"{process.Http}/metrics")).Split('\n')
            .Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) || l.StartsWith(name + " ", StringComparison.Ordinal))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
