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

/// <summary>What one operator took and gave. Thread-safe.</summary>
internal sealed class NodeMeasure
{
    private long _samples;
    private long _ticks;
    private long _peak;
    private long _series;
    private long _bytes;
    private long _peakBytes;

    /// <summary>Of the select that the operator reads; null if it reads none.</summary>
    public FanOutReport? FanOut { get; set; }

    public long Samples => Volatile.Read(ref _samples);

    /// <summary>The operators below included, since they run while it waits for them.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Volatile.Read(ref _ticks));

    public long PeakSamples => Volatile.Read(ref _peak);

    /// <summary>Rows handed on; one a series, but for series in pieces.</summary>
    public long Series => Volatile.Read(ref _series);

    /// <summary>What the rows handed on took, all batches together.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The most that the query held while the operator and those below were at work; 0 without a budget.</summary>
    public long PeakBytes => Volatile.Read(ref _peakBytes);

    public void AddSamples(long samples) => Interlocked.Add(ref _samples, samples);

    public void AddAnswer(long series, long bytes)
    {
        Interlocked.Add(ref _series, series);
        Interlocked.Add(ref _bytes, bytes);
    }

    /// <summary>Counts a stretch of work, with what the query holds now.</summary>
    public void Add(in Stretch stretch, SampleAccount samples, MemoryBudget? budget)
    {
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - stretch.Started);
        Raise(ref _peak, samples.Current);
        if (budget is null) return;
        // A new peak of the whole query was reached in here; else the ends of the stretch are what is known.
        long peak = budget.PeakBytes;
        Raise(ref _peakBytes, peak > stretch.PeakBytes ? peak : Math.Max(stretch.HeldBytes, budget.UsedBytes));
    }

    private static void Raise(ref long peak, long value)
    {
        long known = Volatile.Read(ref peak);
        while (value > known)
        {
            long seen = Interlocked.CompareExchange(ref peak, value, known);
            if (seen == known) break;
            known = seen;
        }
    }
}

/// <summary>The begin of a stretch of work of one operator.</summary>
internal readonly record struct Stretch(long Started, long HeldBytes, long PeakBytes)
{
    public static Stretch Begin(MemoryBudget? budget) => new(Stopwatch.GetTimestamp(), budget?.UsedBytes ?? 0, budget?.PeakBytes ?? 0);
}

/// <summary>Hands on the rows of another operator and measures it.</summary>
internal sealed class MeasuredOperator(VectorOperator inner, NodeMeasure measure) : VectorOperator(inner.Context, inner.Grid)
{
    public override async ValueTask<List<Row>?> NextAsync()
    {
        MemoryBudget? budget = Context.Options.Budget;
        Stretch stretch = Stretch.Begin(budget);
        try
        {
            List<Row>? rows = await inner.NextAsync();
            if (rows is not null) measure.AddAnswer(rows.Count, Pool.SizeOf(rows));
            return rows;
        }
        finally
        {
            measure.Add(stretch, Context.Samples, budget);
        }
    }
}

/// <summary>Hands on the values of another scalar and measures it.</summary>
internal sealed class MeasuredScalar(ScalarOperator inner, NodeMeasure measure, SampleAccount samples) : ScalarOperator(inner.Grid)
{
    protected override async ValueTask<double[]> EvaluateAsync()
    {
        Stretch stretch = Stretch.Begin(inner.Budget);
        try
        {
            double[] values = await inner.ValuesAsync();
            measure.AddAnswer(1, values.Length * 8L);
            return values;
        }
        finally
        {
            measure.Add(stretch, samples, inner.Budget);
        }
    }
}
