using Aion.Hosting;
using Aion.Model;
using Prometheus;
using MatchType = Aion.Model.MatchType;

namespace Aion.Caching;

/// <summary>
/// <c>--matcher-cache-size</c>: the matchers with regular expressions that were used last. Others cost nothing to make. Thread-safe.
/// </summary>
public sealed class MatcherCache : IMatcherCache
{
    private readonly LruStore<(MatchType Type, string Name, string Value), LabelMatcher> _matchers;
    private readonly Lock _lock = new(); // guards _matchers
    private readonly Counter _requests;
    private readonly Counter _hits;
    private readonly Gauge _items;

    /// <param name="size">Matchers kept, at least 1.</param>
    public MatcherCache(int size, MetricsRegistry metrics)
    {
        const string P = "thanos_matchers_cache_";
        MetricFactory factory = metrics.Factory;
        _requests = factory.CreateCounter(P + "requests_total", "Total number of cache requests for series matchers");
        _hits = factory.CreateCounter(P + "hits_total", "Total number of cache hits for series matchers");
        _items = factory.CreateGauge(P + "items", "Total number of cached items");
        Counter evicted = factory.CreateCounter(P + "evicted_total", "Total number of items evicted from the cache");
        factory.CreateGauge(P + "max_items", "Maximum number of items that can be cached").Set(size);
        _matchers = new LruStore<(MatchType, string, string), LabelMatcher>(size, (_, _, _) => evicted.Inc());
    }

    public LabelMatcher Get(MatchType type, string name, string value)
    {
        if (type is not (MatchType.Regex or MatchType.NotRegex)) return new LabelMatcher(type, name, value);
        _requests.Inc();
        lock (_lock)
        {
            if (_matchers.TryGet((type, name, value), out LabelMatcher known))
            {
                _hits.Inc();
                return known;
            }
        }

        // Two that come at once compile twice; that is better than waiting for a stranger's expression.
        var made = new LabelMatcher(type, name, value);
        lock (_lock)
        {
            _matchers.Set((type, name, value), made, bytes: 1);
            _items.Set(_matchers.Count);
        }

        return made;
    }
}
