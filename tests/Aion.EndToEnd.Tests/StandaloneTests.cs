using System.Text.Json;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

[Collection("processes")]
public sealed class StandaloneTests
{
    [Fact]
    public async Task A_fresh_folder_answers_up_within_a_minute()
    {
        using var temp = new TempDirectory();
        await using AionProcess aion = AionProcess.Launch("standalone", [$"--data-dir={temp.Combine("data")}", "--http-address=127.0.0.1:0"]);
        await aion.ReadyAsync(grpc: false);

        await Eventually.TrueAsync(
            async () => Api.SingleValue(await Api.QueryAsync(aion.Http, "up")) == 1, "standalone has data of its own", TimeSpan.FromSeconds(60),
            () => aion.Process.Tail());

        Assert.Contains("curl", aion.Process.Output, StringComparison.Ordinal);
        Assert.Equal(0, await aion.Process.StopAsync());
        Assert.NotEmpty(Directory.GetFiles(temp.Combine("data"), "meta.json", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task After_a_restart_the_old_samples_are_still_there()
    {
        using var temp = new TempDirectory();
        string[] arguments = [$"--data-dir={temp.Combine("data")}", "--http-address=127.0.0.1:0"];
        await using (AionProcess aion = AionProcess.Launch("standalone", arguments))
        {
            await aion.ReadyAsync(grpc: false);
            await Eventually.TrueAsync(async () => Api.SingleValue(await Api.QueryAsync(aion.Http, "up")) == 1, "first data");
            Assert.Equal(0, await aion.Process.StopAsync());
        }

        await using AionProcess again = AionProcess.Launch("standalone", arguments);
        await again.ReadyAsync(grpc: false);

        // One uninterrupted series: the samples of both runs, none twice.
        await Eventually.TrueAsync(
            async () => Api.SingleValue(await Api.QueryAsync(again.Http, "sum(count_over_time(up[10m]))")) >= 2, "samples of both runs",
            explain: () => again.Process.Tail());
    }

    [Fact]
    public async Task It_answers_over_a_Prometheus_too()
    {
        using var temp = new TempDirectory();
        await using PrometheusProcess prometheus = PrometheusProcess.Prepare(temp.Combine("prometheus"), scrape: true, "cluster", "one", "replica", "a");
        await prometheus.StartAsync();
        await using AionProcess aion = AionProcess.Launch(
            "standalone", [$"--data-dir={temp.Combine("data")}", "--http-address=127.0.0.1:0", $"--prometheus.url={prometheus.Url}"]);
        await aion.ReadyAsync(grpc: false);

        await Eventually.TrueAsync(
            async () => Api.SingleValue(await Api.QueryAsync(aion.Http, """up{job="prometheus"}""")) == 1, "the Prometheus is visible",
            explain: () => aion.Process.Tail());
        JsonElement stores = (await Api.GetAsync($"{aion.Http}/api/v1/stores")).GetProperty("data");
        Assert.True(stores.TryGetProperty("sidecar", out _));
    }
}
