using System.Text;
using Aion.Model;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Nanoseconds a label value, by kind of expression; the last two have no short cut and run through the automaton.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("model")]
public class RegexMatchers
{
    private const int Count = 1000;

    private readonly byte[][] _values = [.. Enumerable.Range(0, Count).Select(i => Encoding.UTF8.GetBytes($"api-server-{i % 7}.prod.eu-{i % 3}.example.org"))];
    private LabelRegex _regex = LabelRegex.Parse("");

    [Params("literal", "api-server-1.*", ".*example.org", ".*prod.*", "a|b|api-server-3.prod.eu-1.example.org|c", "api-server-[0-4]\\.prod\\.eu-[12]\\..+", "(api|db)-.*-[0-9]+\\.(prod|dev)\\..*")]
    public string Pattern { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _regex = LabelRegex.Parse(Pattern);

    [Benchmark(OperationsPerInvoke = Count)]
    public int Match()
    {
        var matches = 0;
        foreach (byte[] value in _values)
            if (_regex.IsMatch(value)) matches++;
        return matches;
    }
}
