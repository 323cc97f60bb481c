using Aion.PromQL;
using Aion.Query;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Writing the answer of a range query, 100 series of 1440 points, as the API's JSON; nanoseconds a point.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("query")]
public class WriteJson
{
    private const int SeriesCount = 100;
    private const int Steps = 1441;

    private QueryResult _result = null!;

    [Params("m_total", "rate(m_total[5m])")]
    public string Query { get; set; } = "m_total";

    [GlobalSetup]
    public void Setup()
    {
        var options = new QueryOptions { MaxSamples = 0, Timeout = TimeSpan.Zero, Parallelism = BenchmarkScale.Workers };
        _result = new QueryEngine(TimeProvider.System).RangeAsync(
            Query, CountersQuerier.HourMs, 25 * CountersQuerier.HourMs, 60_000, options, new CountersQuerier(SeriesCount), CancellationToken.None)
            .GetAwaiter().GetResult();
    }

    [Benchmark(OperationsPerInvoke = SeriesCount * Steps)]
    public async Task<long> Write()
    {
        long length = 0;
        using var json = new JsonBuffer();
        await new QueryResultJson(json, Drain).WriteAsync(_result);
        return length + json.Length;

        ValueTask Drain()
        {
            length += json.Length;
            json.Clear();
            return ValueTask.CompletedTask;
        }
    }
}
