using Aion.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Caching.Tests;

public sealed class MemoryCacheTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_value_past_its_time_is_gone()
    {
        MemoryCache cache = Cache(10_000);
        cache.Set("a", [1], TimeSpan.FromSeconds(10));
        cache.Set("b", [2], TimeSpan.Zero);

        Assert.Equal([[1], null], await cache.GetAsync(["a", "b"], default));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([null], await cache.GetAsync(["a"], default));
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_first()
    {
        MemoryCache cache = Cache(2 * (MemoryCache.OverheadBytes + 102));
        cache.Set("a", new byte[100], TimeSpan.FromHours(1));
        cache.Set("b", new byte[100], TimeSpan.FromHours(1));
        await cache.GetAsync(["a"], default);
        cache.Set("c", new byte[100], TimeSpan.FromHours(1));

        byte[]?[] found = await cache.GetAsync(["a", "b", "c"], default);
        Assert.Equal([true, false, true], found.Select(f => f is not null));
    }

    [Fact]
    public async Task A_new_value_takes_the_place_of_the_old()
    {
        MemoryCache cache = Cache(10_000);
        cache.Set("a", [1], TimeSpan.FromHours(1));
        cache.Set("a", [2], TimeSpan.FromHours(1));

        Assert.Equal([[2]], await cache.GetAsync(["a"], default));
    }

    [Fact]
    public async Task A_value_too_large_is_not_kept_and_nothing_goes_for_it()
    {
        MemoryCache cache = Cache(1000);
        cache.Set("a", new byte[100], TimeSpan.FromHours(1));
        cache.Set("b", new byte[900], TimeSpan.FromHours(1));

        byte[]?[] found = await cache.GetAsync(["a", "b"], default);
        Assert.Equal([true, false], found.Select(f => f is not null));
    }

    private MemoryCache Cache(long bytes) => new(
        MemoryCacheConfig.OfSize(bytes), new CacheContext("test", new MetricsRegistry(_time), _time, NullLogger.Instance, () => 0));
}
