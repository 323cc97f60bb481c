using Aion.PromQL;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Every function of a range vector over 24 hours at one-minute steps, windows of five minutes, a tenth of the usual series.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("promql")]
public class RangeFunctions
{
    private readonly QueryEngine _engine = new(TimeProvider.System);
    private readonly QueryOptions _options = new()
    {
        MaxSamples = 0,
        Timeout = TimeSpan.Zero,
        Parallelism = BenchmarkScale.Workers,
        Parser = ParserOptions.Default with { ExperimentalFunctions = true },
    };

    private CountersQuerier _querier = new(0);

    public static IEnumerable<string> Functions => FunctionSignatures.All
        .Where(f => f.ArgumentTypes.Contains(PromQL.ValueType.Matrix) && !f.Extended).Select(f => f.Name).Order(StringComparer.Ordinal);

    [ParamsSource(nameof(Functions))]
    public string Function { get; set; } = "rate";

    [GlobalSetup]
    public void Setup() => _querier = new CountersQuerier(BenchmarkScale.Series / 10);

    [Benchmark]
    public Task<QueryResult> Evaluate() =>
        _engine.RangeAsync(Text(), CountersQuerier.HourMs, 25 * CountersQuerier.HourMs, 60_000, _options, _querier, CancellationToken.None);

    private string Text() => Function switch
    {
        "quantile_over_time" => "quantile_over_time(0.9, m_total[5m])",
        "predict_linear" => "predict_linear(m_total[5m], 600)",
        "double_exponential_smoothing" => "double_exponential_smoothing(m_total[5m], 0.3, 0.6)",
        _ => $"{Function}(m_total[5m])",
    };
}
