using Aion.PromQL;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Dashboard queries over 24 hours at one-minute steps: 1000 counters scraped every 15 seconds, decoded already.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("promql")]
public class RangeQuery
{
    private readonly QueryEngine _engine = new(TimeProvider.System);
    private readonly QueryOptions _options = new() { MaxSamples = 0, Timeout = TimeSpan.Zero, Parallelism = BenchmarkScale.Workers };
    private CountersQuerier _querier = new(0);

    [Params(
        "sum by (zone) (rate(m_total[5m]))", "rate(m_total[5m])", "avg by (zone) (m_total)", "max_over_time(m_total[30m])",
        "sum_over_time(m_total[30m])", "quantile_over_time(0.9, m_total[1h])", "topk(5, rate(m_total[5m]))", "m_total / on(instance) m_total",
        "m_total * on(zone) group_left sum by (zone) (m_total)", "m_total and on(zone) m_total > 100", "max_over_time(rate(m_total[5m])[30m:1m])")]
    public string Query { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _querier = new CountersQuerier(BenchmarkScale.Series);

    [Benchmark]
    public Task<QueryResult> Evaluate() =>
        _engine.RangeAsync(Query, CountersQuerier.HourMs, 25 * CountersQuerier.HourMs, 60_000, _options, _querier, CancellationToken.None);
}
