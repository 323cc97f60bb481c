using Aion.Model;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Nanoseconds a label set of ten labels: hashing, comparing with its neighbour, and looking a label up.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("model")]
public class LabelHashing
{
    private const int Count = 1000;

    private readonly Labels[] _sets = [.. Enumerable.Range(0, Count).Select(i => Labels.Of(
        "__name__", "http_requests_total", "cluster", "eu-1", "code", "200", "container", "api", "instance", $"10.0.0.{i}:9090",
        "job", "api", "method", "GET", "namespace", "prod", "pod", $"api-{i}", "service", "api"))];

    [Benchmark(OperationsPerInvoke = Count)]
    public ulong StableHash()
    {
        ulong sum = 0;
        foreach (Labels set in _sets) sum += set.StableHash();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int HashCode()
    {
        var sum = 0;
        foreach (Labels set in _sets) sum ^= set.GetHashCode();
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int CompareToNeighbour()
    {
        var sum = 0;
        for (var i = 1; i < _sets.Length; i++) sum += _sets[i].CompareTo(_sets[i - 1]);
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int ValueOfLast()
    {
        var sum = 0;
        foreach (Labels set in _sets) sum += set.ValueOf("service"u8).Length;
        return sum;
    }
}
