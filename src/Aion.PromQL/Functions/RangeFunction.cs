using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// The samples of one series at one step of a range selector: floats and histograms apart, stale markers removed, each in order of time.
/// </summary>
internal readonly ref struct Window
{
    public ReadOnlySpan<long> Times { get; init; }

    public ReadOnlySpan<double> Values { get; init; }

    /// <summary>Start timestamps of the floats; empty if there are none or they do not count.</summary>
    public ReadOnlySpan<long> Starts { get; init; }

    public ReadOnlySpan<long> HistogramTimes { get; init; }

    public ReadOnlySpan<FloatHistogram> Histograms { get; init; }

    public ReadOnlySpan<long> HistogramStarts { get; init; }

    /// <summary>The open start of the range: <c>t − range − offset</c>. With <c>anchored</c> and <c>smoothed</c> there are samples before it.</summary>
    public long StartMs { get; init; }

    /// <summary>The closed end of the range. With <c>smoothed</c> there are samples after it.</summary>
    public long EndMs { get; init; }

    /// <summary>The evaluation time, offset not subtracted.</summary>
    public long EvaluationMs { get; init; }

    public int Step { get; init; }

    public bool IsMixed => Values.Length > 0 && Histograms.Length > 0;
}

/// <summary>A point that a function yields: a float, or a histogram if there is one.</summary>
internal struct PointValue
{
    public double Float;
    public FloatHistogram? Histogram;
}

/// <summary>A function over the window of a range selector. Stateless; one call a window.</summary>
internal abstract class RangeFunction
{
    /// <summary>The result still is the metric of the input.</summary>
    public virtual bool KeepsName => false;

    /// <summary>Start timestamps count for this function.</summary>
    public virtual bool UsesStartTimestamps => false;

    /// <summary>The function to use over values that are themselves numbers of samples (downsampled data); null: this one.</summary>
    public virtual RangeFunction? OverCounts => null;

    /// <summary>The index of the first sample that the function sees: that of the window, or one before it.</summary>
    /// <param name="times">Of all floats of the series.</param>
    /// <param name="low">The first sample after <paramref name="startMs"/>.</param>
    /// <param name="startMs">The open start of the window.</param>
    public virtual int FirstSample(ReadOnlySpan<long> times, int low, long startMs) => low;

    /// <summary>The index of a sample at or before the first one: an earlier one if the function would see one were its window longer.</summary>
    public virtual int EarliestSample(ReadOnlySpan<long> times, int first, long startMs) => first;

    public virtual bool AllowsAnchored => false;

    public virtual bool AllowsSmoothed => false;

    /// <summary>The value at one step; false for none. The window is not empty.</summary>
    public abstract bool Evaluate(in Window window, RangeScope scope, ref PointValue result);

    /// <summary>
    /// Evaluates all steps of a series of floats without start timestamps at once. False: the function has no such path and wrote nothing.
    /// </summary>
    public virtual bool EvaluateFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, WindowBounds windows, RangeScope scope, Row row) => false;
}

/// <summary>The windows of all steps: step i is <c>(End(i) − RangeMs, End(i)]</c>.</summary>
internal readonly record struct WindowSequence(ReferenceTimes Ends, long RangeMs, StepGrid Grid)
{
    public double RangeSeconds => RangeMs / 1000 + RangeMs % 1000 * 1e6 / 1e9;
}

/// <summary>What a range function sees of its call besides the window, for one series.</summary>
internal sealed class RangeScope(RangeCall call, Labels labels, RangeScratch scratch)
{
    private ulong _annotated;
    private string? _metricName;
    private double[] _scratch = [];

    public RangeCall Call { get; } = call;

    public bool NonCounterChecked { get; set; }

    /// <summary>The time of a float before the window, or that of its first one if the function sees none before; means nothing without floats.</summary>
    public long FirstSampleMs { get; set; }

    public RangeScratch Arrays => scratch;

    public string MetricName => _metricName ??= MetadataLabels.NameOf(labels);

    public Labels Labels => labels;

    /// <summary>Adds an annotation about the series, at the range argument.</summary>
    public void Annotate(AnnotationKind kind)
    {
        ulong bit = 1UL << (int)kind;
        if ((_annotated & bit) != 0) return;
        _annotated |= bit;
        Call.Annotations.Add(kind, Call.RangePosition, MetricName);
    }

    /// <summary>Adds an annotation that names an operation instead of the series.</summary>
    public void AnnotateOperation(AnnotationKind kind, string operation) => Call.Annotations.Add(kind, Call.RangePosition, operation);

    public Span<double> Scratch(int length)
    {
        if (_scratch.Length < length) _scratch = new double[Math.Max(length, 64)];
        return _scratch.AsSpan(0, length);
    }
}

/// <summary>One call of a range function in a query.</summary>
internal sealed record RangeCall
{
    private long _notedQuantile = BitConverter.DoubleToInt64Bits(0.5);

    public required Annotations Annotations { get; init; }

    /// <summary>Of the range argument.</summary>
    public required PositionRange RangePosition { get; init; }

    /// <summary>Of the first argument, which is a scalar for quantile_over_time.</summary>
    public required PositionRange FirstPosition { get; init; }

    public required WindowSequence Windows { get; init; }

    public bool Anchored { get; init; }

    public bool Smoothed { get; init; }

    public bool TypeAndUnitLabels { get; init; }

    /// <summary>The metadata labels of the result are never read.</summary>
    public bool MetadataUnseen { get; init; }

    /// <summary>The scalar arguments in order, one value a step each.</summary>
    public double[][] Scalars { get; set; } = [];

    public double RangeSeconds => Windows.RangeSeconds;

    /// <summary>Reports a quantile outside of 0 … 1.</summary>
    public void NoteQuantile(double q)
    {
        if (q is >= 0 and <= 1 || BitConverter.DoubleToInt64Bits(q) == _notedQuantile) return;
        _notedQuantile = BitConverter.DoubleToInt64Bits(q);
        Annotations.Add(AnnotationKind.InvalidQuantile, FirstPosition, GoNumber.G(q));
    }
}
