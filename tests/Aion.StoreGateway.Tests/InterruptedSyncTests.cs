using Aion.Model;
using Aion.ObjectStorage;
using Aion.Testing;

namespace Aion.StoreGateway.Tests;

/// <summary>A sync that ends in the middle, however, leaves nothing that the next start stumbles over.</summary>
public sealed class InterruptedSyncTests : IDisposable
{
    private const int Blocks = 12;
    private static readonly LabelMatcher Up = LabelMatcher.Equal("__name__", "up");

    private readonly TempDirectory _temp = new();

    public InterruptedSyncTests()
    {
        for (var i = 0; i < Blocks; i++)
            TestBlocks.Write(Bucket, BlockId.New(TimeProvider.System), Labels.Of("replica", $"r{i}"), TestBlocks.Some(2));
    }

    private string Bucket => _temp.Combine("bucket");

    private StoreGatewayOptions Options => new() { DataDirectory = _temp.Combine("data"), SyncConcurrency = 2, FetchConcurrency = 2 };

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(BlockDiscoveryName.Concurrent)]
    [InlineData(BlockDiscoveryName.Recursive)]
    public async Task A_sync_may_be_cancelled_after_any_call_to_the_bucket(BlockDiscoveryName discovery)
    {
        StoreGatewayOptions options = Options with { Discovery = (Aion.Blocks.BlockDiscovery)discovery };
        int calls;
        using (TestGateway whole = await TestGateway.SyncedAsync(Bucket, options)) calls = whole.Bucket.Calls.Count;
        for (var after = 0; after < calls; after += 5)
        {
            Directory.Delete(options.DataDirectory!, recursive: true);
            using var stop = new CancellationTokenSource();
            using var gateway = new TestGateway(new FilesystemBucket(Bucket, TimeProvider.System), options);
            gateway.Bucket.Before = async (_, _) =>
            {
                if (gateway.Bucket.Calls.Count > after) await stop.CancelAsync();
            };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gateway.Gateway.SyncAsync(stop.Token));
            using TestGateway next = await TestGateway.SyncedAsync(Bucket, options);
            Assert.Equal(Blocks * 2, (await next.SelectAsync(Up)).Series.Count);
        }
    }

    [Fact]
    public async Task What_fails_once_is_loaded_by_the_next_sync_and_the_rest_serves_meanwhile()
    {
        var failed = new HashSet<string>();
        using var gateway = new TestGateway(new FilesystemBucket(Bucket, TimeProvider.System), Options);
        gateway.Bucket.FailWhen = (_, key) =>
        {
            lock (failed) return key.EndsWith("/index", StringComparison.Ordinal) && failed.Count < 3 && failed.Add(key);
        };

        await gateway.Gateway.SyncAsync(CancellationToken.None);
        int first = (await gateway.SelectAsync(Up)).Series.Count;
        await gateway.Gateway.SyncAsync(CancellationToken.None);

        Assert.Equal((Blocks - 3) * 2, first);
        Assert.Equal(Blocks * 2, (await gateway.SelectAsync(Up)).Series.Count);
        Assert.Equal(3, await gateway.MetricAsync("thanos_bucket_store_block_load_failures_total"));
    }

    [Fact]
    public async Task Half_written_local_files_of_a_crash_are_no_obstacle()
    {
        using (await TestGateway.SyncedAsync(Bucket, Options)) { }

        string data = Options.DataDirectory!;
        foreach (string file in Directory.GetFiles(data, "*", SearchOption.AllDirectories).Where((_, i) => i % 2 == 0))
        {
            byte[] whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(file + ".tmp", whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
            await File.WriteAllBytesAsync(file, new byte[whole.Length / 3], TestContext.Current.CancellationToken);
        }

        using TestGateway gateway = await TestGateway.SyncedAsync(Bucket, Options);

        Assert.Equal(Blocks * 2, (await gateway.SelectAsync(Up)).Series.Count);
    }

    /// <summary>The strategies, as a test theory can show them.</summary>
    public enum BlockDiscoveryName
    {
        Concurrent = Aion.Blocks.BlockDiscovery.Concurrent,
        Recursive = Aion.Blocks.BlockDiscovery.Recursive,
    }
}
