using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Time.Testing;
using MatchType = Aion.Model.MatchType;

namespace Aion.Caching.Tests;

public sealed class MatcherCacheTests
{
    private readonly MatcherCache _cache = new(2, new MetricsRegistry(new FakeTimeProvider()));

    [Fact]
    public void An_expression_is_compiled_once()
    {
        LabelMatcher first = _cache.Get(MatchType.Regex, "a", "x|y");
        Assert.Same(first, _cache.Get(MatchType.Regex, "a", "x|y"));
        Assert.NotSame(first, _cache.Get(MatchType.NotRegex, "a", "x|y"));
        Assert.NotSame(first, _cache.Get(MatchType.Regex, "b", "x|y"));
    }

    [Fact]
    public void What_was_used_longest_ago_goes_first()
    {
        LabelMatcher a = _cache.Get(MatchType.Regex, "a", "1"), b = _cache.Get(MatchType.Regex, "b", "1");
        _cache.Get(MatchType.Regex, "a", "1");
        _cache.Get(MatchType.Regex, "c", "1");

        Assert.Same(a, _cache.Get(MatchType.Regex, "a", "1"));
        Assert.NotSame(b, _cache.Get(MatchType.Regex, "b", "1"));
    }

    [Fact]
    public void A_bad_expression_fails_each_time_and_equality_is_not_kept()
    {
        for (var i = 0; i < 2; i++) Assert.Throws<FormatException>(() => _cache.Get(MatchType.Regex, "a", "("));
        Assert.NotSame(_cache.Get(MatchType.Equal, "a", "1"), _cache.Get(MatchType.Equal, "a", "1"));
    }
}
