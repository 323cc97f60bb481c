using Aion.Storage;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks;

/// <summary>Nanoseconds a sample to merge two replicas of a day: by penalty as queries do, and one to one as the compactor may.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("storage")]
public class DedupReplicas
{
    private const int Samples = 5760;

    private readonly SampleBuffer _into = new();
    private readonly SampleBuffer _left = ReplicaPair.Samples(7, 0, Samples);
    private readonly SampleBuffer _right = ReplicaPair.Samples(7, 1, Samples);

    [Benchmark(OperationsPerInvoke = 2 * Samples)]
    public int Penalty()
    {
        _into.Clear();
        PenaltyDedup.Merge(_left, _right, adjustCounters: true, _into);
        return _into.Count;
    }

    [Benchmark(OperationsPerInvoke = 2 * Samples)]
    public int Chain()
    {
        _into.Clear();
        ChainDedup.Merge([_left, _right], _into);
        return _into.Count;
    }
}
