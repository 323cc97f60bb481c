using Aion.StoreApi.Tests;
using Aion.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aion.StoreGateway.Tests;

/// <summary>The recorded Store and Info calls against <c>thanos store</c>, asked of ours over the same bucket.</summary>
public sealed class GoldenStoreTests
{
    private static readonly Dictionary<string, (string Bucket, StoreGatewayOptions Options)> Components = new()
    {
        ["store"] = ("bucket", new StoreGatewayOptions()),
        ["store-cached"] = ("bucket", new StoreGatewayOptions
        {
            IndexCache = IndexCacheConfig.OfSize(1 << 24),
            CachingBucket = CachingBucketConfig.Parse("type: IN-MEMORY", ""),
        }),
        ["store-ds"] = ("bucket-downsampled", new StoreGatewayOptions()),
        ["store-limits"] = ("bucket", new StoreGatewayOptions { MaxSeries = 10, MaxChunks = 20, MaxBytes = 40 * 1024 }),
        ["store-limits2"] = ("bucket", new StoreGatewayOptions { MaxSeries = 10, MaxChunks = 20 }),
    };

    /// <summary>Where the recording shows a fault of the peer: the right status instead (reference/peer-faults.md).</summary>
    private static readonly Dictionary<string, StatusCode> Faults = new()
    {
        ["series/store/batch-negative"] = StatusCode.InvalidArgument, // C12
    };

    [Theory]
    [InlineData("store")]
    [InlineData("store-ds")]
    [InlineData("store-limits")]
    [InlineData("store-limits2")]
    public async Task Recorded_calls_are_answered_alike(string component)
    {
        using var temp = new TempDirectory();
        await using RunningStore store = await StartAsync(component, temp);
        using var channel = GrpcChannel.ForAddress($"http://{store.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });

        await GrpcCaseRunner.AssertAsync(
            channel.CreateCallInvoker(), GrpcCaseRunner.Load(component), SharedFolder.ListBeside("known-failing-store.txt"), Faults);
    }

    [Fact]
    public async Task Recorded_calls_are_answered_alike_from_caches()
    {
        using var temp = new TempDirectory();
        await using RunningStore store = await StartAsync("store-cached", temp);
        using var channel = GrpcChannel.ForAddress($"http://{store.Address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        for (var round = 0; round < 2; round++)
        {
            await GrpcCaseRunner.AssertAsync(
                channel.CreateCallInvoker(), GrpcCaseRunner.Load("store"), SharedFolder.ListBeside("known-failing-store.txt"), Faults);
        }
    }

    /// <summary>One of the recorded store gateways.</summary>
    internal static Task<RunningStore> StartAsync(string component, TempDirectory temp)
    {
        (string bucket, StoreGatewayOptions options) = Components[component];
        return RunningStore.StartAsync(
            SharedFolder.Require("golden", "wire", "data", bucket), options with { DataDirectory = temp.Combine("data") });
    }
}
