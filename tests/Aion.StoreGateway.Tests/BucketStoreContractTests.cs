using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Storage;
using Aion.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aion.StoreGateway.Tests;

/// <summary>A bucket with one block is a store like every other.</summary>
public class BucketStoreContractTests : StoreContract, IDisposable
{
    private readonly TempDirectory _temp = new();

    protected virtual StoreGatewayOptions Options => new();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _temp.Dispose();
    }

    protected override async Task<IStore> CreateAsync(Labels external, IReadOnlyList<ChunkSeries> series)
    {
        string bucket = _temp.Combine("bucket");
        BlockId id = BlockId.New(TimeProvider.System);
        TestBlocks.Write(bucket, id, external, series);
        var environment = new ComponentEnvironment { Variable = _ => null, Output = TextWriter.Null, Build = BuildInformation.OfEntryAssembly() };
        var context = new ComponentContext("store", NullLoggerFactory.Instance, TimeProvider.System, environment);
        var gateway = new BucketGateway(
            new FilesystemBucket(bucket, TimeProvider.System), Options with { DataDirectory = _temp.Combine("data") }, context);
        await gateway.SyncAsync(CancellationToken.None);
        return gateway.Store;
    }
}

/// <summary>Everything as late and in as small pieces as can be.</summary>
public sealed class LazyBucketStoreContractTests : BucketStoreContractTests
{
    protected override StoreGatewayOptions Options => new()
    {
        DownloadsHeadersLazily = true,
        LetsHeadersGo = true,
        ExpandsPostingsLazily = true,
        SeriesBatch = 1,
        EstimatedSeriesBytes = 1,
        EstimatedChunkBytes = 1,
    };
}
