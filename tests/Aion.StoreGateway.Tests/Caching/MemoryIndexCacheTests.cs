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
        var (cache, metrics) = CacheOf(new IndexCacheConfig(3 * (MemoryIndexCache.OverheadBytes + 100), 1000, []));
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
        var (cache, metrics) = CacheOf(new IndexCacheConfig(1000, 200, []));
        Set(cache, 0, 100);
        Set(cache, 1, 201);

        Assert.NotNull(await GetAsync(cache, 0));
        Assert.Null(await GetAsync(cache, 1));
        Assert.Equal(1, metrics.Overflowed.WithLabels("Series").Value);
    }

    [Fact]
    public async Task An_item_that_is_there_stays()
    {
        var (cache, metrics) = CacheOf(new IndexCacheConfig(10_000, 1000, []));
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

    [Theory]
    [InlineData("type: IN-MEMORY\n", 250L << 20, 125L << 20)]
    [InlineData("type: in-memory\nconfig:\n  max_size: 100MB\n", 100L << 20, 100L << 20)]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_size: 1GB\n  max_item_size: 1MB\n", 1L << 30, 1L << 20)]
    public void Configurations_are_read(string yaml, long max, long maxItem)
    {
        IndexCacheConfig config = IndexCacheConfig.Parse(yaml);
        Assert.Equal((max, maxItem), (config.MaxBytes, config.MaxItemBytes));
    }

    [Theory]
    [InlineData("type: FOO\n", "index cache with type FOO is not supported")]
    [InlineData("type: REDIS\nconfig:\n  addr: x:1\n", "type REDIS is not built yet")]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_size: 1MB\n  max_item_size: 2MB\n", "cannot be bigger than overall cache size")]
    [InlineData("type: IN-MEMORY\nconfig:\n  max_sise: 1MB\n", "config.max_sise is not known")]
    [InlineData("type: IN-MEMORY\nenabled_items: [Foo]\n", "unsupported item type Foo")]
    [InlineData("type: IN-MEMORY\nconfig: [\n", "parsing index cache config YAML")]
    public void Wrong_configurations_are_refused_by_name(string yaml, string error) =>
        Assert.Contains(error, Assert.Throws<FormatException>(() => IndexCacheConfig.Parse(yaml)).Message, StringComparison.Ordinal);

    private (MemoryIndexCache Cache, IndexCacheMetrics Metrics) CacheOf(IndexCacheConfig config)
    {
        var metrics = new IndexCacheMetrics(_registry);
        return (new MemoryIndexCache(config, metrics, _registry.Time), metrics);
    }

    private static void Set(MemoryIndexCache cache, int key, int bytes) => cache.Set(IndexItem.Series, [(IndexCacheKey.Series(Block, key), new byte[bytes])], "t");

    private static async Task<byte[]?> GetAsync(MemoryIndexCache cache, int key) =>
        (await cache.GetAsync(IndexItem.Series, [IndexCacheKey.Series(Block, key)], "t", CancellationToken.None))[0];
}
