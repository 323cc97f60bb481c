using Aion.Caching;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Time.Testing;
using MatchType = Aion.Model.MatchType;

namespace Aion.StoreGateway.Tests;

public sealed class MemoryIndexCacheTests
{
    private static readonly BlockId Block = BlockId.New(TimeProvider.System);
    private readonly MetricsRegistry _registry = new(new FakeTimeProvider());

    [Fact]
    public async Task What_was_used_longest_ago_goes_first()
    {
        var (cache, metrics) = CacheOf(Config(3 * (MemoryIndexCache.OverheadBytes + 100), 1000));
        for (var i = 0; i < 3; i++) Set(cache, i, 100);
        Assert.NotNull(await GetAsync(cache, 0));
        Set(cache, 3, 100);

        Assert.NotNull(await GetAsync(cache, 0));
        Assert.Null(await GetAsync(cache, 1));
        Assert.NotNull(await GetAsync(cache, 2));
        Assert.NotNull(await GetAsync(cache, 3));
        Assert.Equal(1, metrics.Evicted.WithLabels("Series").Value);
        Assert.Equal(3, metrics.Items.WithLabels("Series").Value);
        Assert.Equal(300, metrics.ItemBytes.WithLabels("Series").Value);
        Assert.Equal(3 * (MemoryIndexCache.OverheadBytes + 100), metrics.TotalBytes.WithLabels("Series").Value);
        Assert.Equal(5, metrics.Requests.WithLabels("Series", "t").Value);
        Assert.Equal(4, metrics.Hits.WithLabels("Series", "t").Value);
    }

    [Fact]
    public async Task An_item_too_large_is_not_kept_and_nothing_goes_for_it()
    {
        var (cache, metrics) = CacheOf(Config(1000, 200));
        Set(cache, 0, 100);
        Set(cache, 1, 201);

        Assert.NotNull(await GetAsync(cache, 0));
        Assert.Null(await GetAsync(cache, 1));
        Assert.Equal(1, metrics.Overflowed.WithLabels("Series").Value);
    }

    [Fact]
    public async Task An_item_that_is_there_stays()
    {
        var (cache, metrics) = CacheOf(Config(10_000, 1000));
        Set(cache, 0, 100);
        Set(cache, 0, 50);

        Assert.Equal(100, (await GetAsync(cache, 0))!.Length);
        Assert.Equal(1, metrics.Added.WithLabels("Series").Value);
    }

    [Fact]
    public void The_order_of_matchers_does_not_matter_to_the_key()
    {
        LabelMatcher a = new(MatchType.Equal, "a", "1"), b = new(MatchType.Regex, "b", "x|y");
        Assert.Equal(IndexCacheKey.Expanded(Block, [a, b]), IndexCacheKey.Expanded(Block, [b, a]));
    }

    private static IndexCacheConfig Config(long max, long maxItem) => new(new MemoryCacheConfig(max, maxItem), [], TimeSpan.FromHours(1));

    private (MemoryIndexCache Cache, IndexCacheMetrics Metrics) CacheOf(IndexCacheConfig config)
    {
        var metrics = new IndexCacheMetrics(_registry);
        return (new MemoryIndexCache(config, metrics, _registry.Time), metrics);
    }

    private static void Set(MemoryIndexCache cache, int key, int bytes) => cache.Set(IndexItem.Series, [(IndexCacheKey.Series(Block, key), new byte[bytes])], "t");

    private static async Task<byte[]?> GetAsync(MemoryIndexCache cache, int key) =>
        (await cache.GetAsync(IndexItem.Series, [IndexCacheKey.Series(Block, key)], "t", CancellationToken.None))[0];
}
