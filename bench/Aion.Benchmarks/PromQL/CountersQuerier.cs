using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.Benchmarks;

/// <summary>25 hours of counters scraped every 15 seconds, decoded already: <c>m_total{instance, zone}</c>, ten zones.</summary>
internal sealed class CountersQuerier : IQuerier
{
    public const long HourMs = 3_600_000;

    private const int ScrapeMs = 15_000;

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
