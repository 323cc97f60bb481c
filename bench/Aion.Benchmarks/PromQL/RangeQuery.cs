using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.PromQL;
using Aion.Storage;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Dashboard queries over 24 hours at one-minute steps: 1000 counters scraped every 15 seconds, decoded already.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("promql")]
public class RangeQuery
{
    private const int SeriesCount = 1000;
    private const int ScrapeMs = 15_000;
    private const long HourMs = 3_600_000;

    private readonly QueryEngine _engine = new(TimeProvider.System);
    private readonly QueryOptions _options = new() { MaxSamples = 0, Timeout = TimeSpan.Zero };
    private CountersQuerier _querier = new(0);

    [Params(
        "sum by (zone) (rate(m_total[5m]))", "rate(m_total[5m])", "avg by (zone) (m_total)", "max_over_time(m_total[30m])",
        "sum_over_time(m_total[30m])", "quantile_over_time(0.9, m_total[1h])", "topk(5, rate(m_total[5m]))", "m_total / on(instance) m_total")]
    public string Query { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _querier = new CountersQuerier(SeriesCount);

    [Benchmark]
    public Task<QueryResult> Evaluate() =>
        _engine.RangeAsync(Query, HourMs, 25 * HourMs, 60_000, _options, _querier, CancellationToken.None);

    private sealed class CountersQuerier : IQuerier
    {
        private readonly List<SampleSeries> _series = [];

        public CountersQuerier(int count)
        {
            var random = new Random(42);
            for (var i = 0; i < count; i++)
            {
                var times = new long[25 * HourMs / ScrapeMs];
                var values = new double[times.Length];
                double value = 0;
                for (var k = 0; k < times.Length; k++)
                {
                    times[k] = (long)k * ScrapeMs + random.Next(50);
                    value = random.Next(3000) == 0 ? 0 : value + random.Next(10);
                    values[k] = value;
                }

                _series.Add(new Counter(Labels.Of("__name__", "m_total", "instance", $"i{i:D6}", "zone", $"z{i % 10}"), times, values));
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(
            SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield return _series;
        }
    }

    private sealed class Counter(Labels labels, long[] times, double[] values) : SampleSeries
    {
        public override Labels Labels => labels;

        public override void Read(long minMs, long maxMs, SampleBuffer buffer)
        {
            int low = Array.BinarySearch(times, minMs), high = Array.BinarySearch(times, maxMs);
            if (low < 0) low = ~low;
            high = high < 0 ? ~high : high + 1;
            buffer.Reserve(high - low, out Span<long> targetTimes, out Span<double> targetValues);
            times.AsSpan(low..high).CopyTo(targetTimes);
            values.AsSpan(low..high).CopyTo(targetValues);
            buffer.Advance(high - low);
        }
    }
}
