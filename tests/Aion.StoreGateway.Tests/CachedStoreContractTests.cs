namespace Aion.StoreGateway.Tests;

/// <summary>And so it is with caches in memory before it.</summary>
public sealed class CachedStoreContractTests : BucketStoreContractTests
{
    protected override StoreGatewayOptions Options => new()
    {
        IndexCache = IndexCacheConfig.OfSize(1 << 24),
        CachingBucket = CachingBucketConfig.Parse("type: IN-MEMORY\nchunk_subrange_size: 100\n", ""),
    };
}
