using System.Text.Json;
using Aion.Testing;

namespace Aion.EndToEnd.Tests;

/// <summary>A store gateway that is killed while it loads blocks, and started again.</summary>
[Collection("processes")]
public sealed class StoreCrashTests : IDisposable
{
    private const int Blocks = 400;

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_store_killed_in_the_middle_of_its_first_sync_starts_again_and_serves_all_blocks()
    {
        string bucket = _temp.Combine("bucket"), data = _temp.Combine("data");
        WriteBlocks(bucket);
        await File.WriteAllTextAsync(_temp.Combine("bucket.yml"), $"type: FILESYSTEM\nconfig:\n  directory: {bucket}\n", TestContext.Current.CancellationToken);
        string[] arguments =
        [
            $"--objstore.config-file={_temp.Combine("bucket.yml")}", $"--data-dir={data}", "--block-sync-concurrency=1", "--block-meta-fetch-concurrency=1",
            "--http-address=127.0.0.1:0", "--grpc-address=127.0.0.1:0",
        ];

        await using (AionProcess first = AionProcess.Launch("store", arguments))
        {
            await Eventually.TrueAsync(() => Task.FromResult(Headers(data) > 0), "the first headers are there", null, () => first.Process.Tail());
            first.Process.Signal("KILL");
            await first.Process.WaitForExitAsync(TimeSpan.FromSeconds(30));
        }

        int before = Headers(data);
        await using AionProcess second = AionProcess.Launch("store", arguments);
        await second.ReadyAsync(grpc: true);

        Assert.InRange(before, 1, Blocks);
        JsonElement answer = JsonDocument.Parse(await Api.Client.GetStringAsync($"{second.Http}/api/v1/blocks?view=loaded")).RootElement;
        Assert.Equal(Blocks, answer.GetProperty("data").GetProperty("blocks").GetArrayLength());
        Assert.Equal(Blocks, Headers(data));
        Assert.Equal(0, await second.Process.StopAsync());
    }

    private static int Headers(string data) =>
        Directory.Exists(data) ? Directory.GetFiles(data, "index-header", SearchOption.AllDirectories).Length : 0;

    /// <summary>One recorded block under many names, each with labels of its own so that none replaces another.</summary>
    private static void WriteBlocks(string bucket)
    {
        string pattern = Directory.GetDirectories(SharedFolder.Require("golden", "wire", "data", "bucket"))[0];
        string id = Path.GetFileName(pattern);
        for (var i = 0; i < Blocks; i++)
        {
            string name = $"01KDV{i:D21}", folder = Path.Combine(bucket, name);
            Directory.CreateDirectory(Path.Combine(folder, "chunks"));
            foreach (string file in (string[])["index", "chunks/000001"]) File.Copy(Path.Combine(pattern, file), Path.Combine(folder, file));
            File.WriteAllText(Path.Combine(folder, "meta.json"), File.ReadAllText(Path.Combine(pattern, "meta.json")).Replace(id, name, StringComparison.Ordinal));
        }
    }
}
