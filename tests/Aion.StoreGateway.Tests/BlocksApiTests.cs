using System.Net;
using System.Text.Json;
using Aion.Hosting;
using Aion.ObjectStorage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>The blocks API behind a real HTTP server.</summary>
public sealed class BlocksApiTests
{
    [Fact]
    public async Task Loaded_blocks_are_listed_and_marks_are_refused()
    {
        using var temp = new TempDirectory();
        string bucket = temp.Combine("bucket");
        CopyFolder(SharedFolder.Require("golden", "wire", "data", "bucket"), bucket);
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        using var gateway = new BucketGateway(new FilesystemBucket(bucket, TimeProvider.System), new StoreGatewayOptions(), context);
        var group = new RunGroup(NullLogger.Instance, TimeProvider.System);
        var server = new HttpServer(
            context, new HttpServerOptions { Address = "127.0.0.1:0", GracePeriod = TimeSpan.Zero },
            routes => new BlocksApi(gateway, "cluster", noMarks: true).Map(
                new ApiRoutes(routes, new HttpMetrics(context.Metrics), context.Logger, prefix: "", sendsCors: true)));
        server.AddTo(group);
        using var stop = new CancellationTokenSource();
        Task run = group.RunAsync(stop.Token);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{await server.Listening}") };

        JsonElement before = await DataAsync(client, "/api/v1/blocks?view=loaded");
        await gateway.SyncAsync(CancellationToken.None);
        JsonElement loaded = await DataAsync(client, "/api/v1/blocks?view=loaded");
        JsonElement global = await DataAsync(client, "/api/v1/blocks");
        using HttpResponseMessage mark = await client.PostAsync("/api/v1/blocks/mark?id=x", null);
        await stop.CancelAsync();
        await run;

        Assert.Equal(0, before.GetProperty("blocks").GetArrayLength());
        Assert.Equal("0001-01-01T00:00:00Z", before.GetProperty("refreshedAt").GetString());
        Assert.Equal(Directory.GetDirectories(bucket).Length, loaded.GetProperty("blocks").GetArrayLength());
        Assert.Equal("cluster", loaded.GetProperty("label").GetString());
        Assert.NotEqual("0001-01-01T00:00:00Z", loaded.GetProperty("refreshedAt").GetString());
        Assert.Equal(0, global.GetProperty("blocks").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, mark.StatusCode);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static async Task<JsonElement> DataAsync(HttpClient client, string path) =>
        JsonDocument.Parse(await client.GetStringAsync(path)).RootElement.GetProperty("data");
}
