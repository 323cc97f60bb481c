using System.Diagnostics;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>What the operators of one analyzed query measured, by node of the plan. Built by one thread; the measures are thread-safe.</summary>
internal sealed class PlanProfile
{
    // Nodes are records, equal by content: the same selector twice is two operators.
    private readonly Dictionary<PlanNode, NodeMeasure> _measures = new(ReferenceEqualityComparer.Instance);

    public NodeMeasure Of(PlanNode node)
    {
        if (!_measures.TryGetValue(node, out NodeMeasure? measure)) _measures.Add(node, measure = new NodeMeasure());
        return measure;
    }

    /// <summary>Null for a node that no operator was made for, because the one around it does its work.</summary>
    public NodeMeasure? Find(PlanNode node) => _measures.GetValueOrDefault(node);
}

/// <summary>Time and samples of one operator, without those below. Thread-safe.</summary>
internal sealed class NodeMeasure
{
    private long _samples;
    private long _ticks;
    private long _peak;

    /// <summary>Of the select that the operator reads; null if it reads none.</summary>
    public FanOutReport? FanOut { get; set; }

    public long Samples => Volatile.Read(ref _samples);

    /// <summary>The operators below included, since they run while it waits for them.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks));

    public long PeakSamples => Volatile.Read(ref _peak);

    public void AddSamples(long samples) => Interlocked.Add(ref _samples, samples);

    /// <summary>Counts the time since <paramref name="started"/>, with what the query holds now.</summary>
    public void AddStretch(long started, long held)
    {
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - started);
        long peak = Volatile.Read(ref _peak);
        while (held > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, held, peak);
            if (seen == peak) break;
            peak = seen;
        }
    }
}

/// <summary>Hands on the rows of another operator and measures it.</summary>
internal sealed class MeasuredOperator(VectorOperator inner, NodeMeasure measure) : VectorOperator(inner.Context, inner.Grid)
{
    public override async ValueTask<List<Row>?> NextAsync()
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await inner.NextAsync();
        }
        finally
        {
            measure.AddStretch(started, Context.Samples.Current);
        }
    }
}

/// <summary>Hands on the values of another scalar and measures it.</summary>
internal sealed class MeasuredScalar(ScalarOperator inner, NodeMeasure measure, SampleAccount samples) : ScalarOperator(inner.Grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            return await inner.ValuesAsync();
        }
        finally
        {
            measure.AddStretch(started, samples.Current);
        }
    }
}
