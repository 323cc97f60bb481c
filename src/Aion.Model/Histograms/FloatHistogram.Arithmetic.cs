namespace Aion.Model;

/// <summary>What happened while two histograms were combined.</summary>
[Flags]
public enum HistogramOutcome
{
    Done = 0,

    /// <summary>One says "reset", the other "not reset": the result's hint is unknown, and the user should be warned.</summary>
    HintsCollided = 1,

    /// <summary>Custom bounds differed, and the result has only those that both had.</summary>
    BoundsReconciled = 2,

    /// <summary>Custom and exponential buckets do not combine; nothing was changed.</summary>
    Incompatible = 4,
}

public sealed partial class FloatHistogram
{
    /// <summary>Scales everything; a negative factor makes a gauge.</summary>
    public FloatHistogram Multiply(double factor)
    {
        ZeroCount *= factor;
        Count *= factor;
        Sum *= factor;
        foreach (ref double count in PositiveBuckets.AsSpan()) count *= factor;
        foreach (ref double count in NegativeBuckets.AsSpan()) count *= factor;
        if (factor < 0) CounterResetHint = CounterResetHint.Gauge;
        return this;
    }

    /// <summary>Divides everything; a negative divisor makes a gauge, and zero leaves no buckets.</summary>
    public FloatHistogram Divide(double divisor)
    {
        ZeroCount /= divisor;
        Count /= divisor;
        Sum /= divisor;
        if (divisor == 0)
        {
            (PositiveSpans, NegativeSpans, PositiveBuckets, NegativeBuckets) = ([], [], [], []);
            return this;
        }

        foreach (ref double count in PositiveBuckets.AsSpan()) count /= divisor;
        foreach (ref double count in NegativeBuckets.AsSpan()) count /= divisor;
        if (divisor < 0) CounterResetHint = CounterResetHint.Gauge;
        return this;
    }

    /// <summary>
    /// Adds another histogram to this one, which goes to the coarser schema and the wider zero bucket of the two; the other stays as it is.
    /// The result may have empty buckets (see <see cref="Compact"/>).
    /// </summary>
    public HistogramOutcome Add(FloatHistogram other) => Combine(other, 1, null);

    /// <summary>Subtracts another histogram; the hint is combined as in an addition, so a difference shown to users must be made a gauge.</summary>
    public HistogramOutcome Subtract(FloatHistogram other) => Combine(other, -1, null);

    /// <summary>
    /// Adds with Kahan–Neumaier compensation. <paramref name="errors"/> holds the error of every field in this histogram's layout; pass null at
    /// the start of a sum and the same variable on, and <c>Add(errors)</c> at the end gives the result.
    /// </summary>
    public HistogramOutcome KahanAdd(FloatHistogram other, ref FloatHistogram? errors)
    {
        if (UsesCustomBuckets != other.UsesCustomBuckets) return HistogramOutcome.Incompatible;
        errors ??= NewErrors();
        return Combine(other, 1, errors);
    }

    /// <summary>
    /// Drops empty buckets and joins adjacent spans. Runs of up to <paramref name="maxEmptyBuckets"/> empty buckets between populated ones are kept.
    /// </summary>
    public FloatHistogram Compact(int maxEmptyBuckets = 0)
    {
        Positive = Positive.Compact(maxEmptyBuckets);
        Negative = Negative.Compact(maxEmptyBuckets);
        return this;
    }

    /// <summary>Merges buckets into those of a coarser exponential schema; nothing happens when it is the schema already.</summary>
    /// <exception cref="ArgumentException">A finer schema, or custom buckets on either side.</exception>
    public FloatHistogram ReduceResolution(int schema)
    {
        if (schema == Schema) return this;
        if (UsesCustomBuckets || HistogramBounds.IsCustom(schema) || schema > Schema)
            throw new ArgumentException($"cannot reduce resolution from schema {Schema} to {schema}", nameof(schema));
        Positive = Positive.Reduce(Schema, schema);
        Negative = Negative.Reduce(Schema, schema);
        Schema = schema;
        return this;
    }

    /// <summary>A copy in a coarser schema. The hint does not survive a change of schema.</summary>
    /// <inheritdoc cref="ReduceResolution" path="/exception"/>
    public FloatHistogram CopyToSchema(int schema)
    {
        FloatHistogram copy = Copy().ReduceResolution(schema);
        if (schema != Schema) copy.CounterResetHint = CounterResetHint.Unknown;
        return copy;
    }

    /// <summary>True when any field is infinite, as after adding up more than a double holds.</summary>
    public bool HasOverflow()
    {
        if (double.IsInfinity(ZeroCount) || double.IsInfinity(Count) || double.IsInfinity(Sum)) return true;
        return HasInfinity(PositiveBuckets) || HasInfinity(NegativeBuckets) || HasInfinity(CustomValues);
    }

    private static bool HasInfinity(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            if (double.IsInfinity(value)) return true;
        return false;
    }

    private FloatHistogram NewErrors() => new()
    {
        CounterResetHint = CounterResetHint,
        Schema = Schema,
        ZeroThreshold = ZeroThreshold,
        PositiveSpans = PositiveSpans,
        NegativeSpans = NegativeSpans,
        PositiveBuckets = new double[PositiveBuckets.Length],
        NegativeBuckets = new double[NegativeBuckets.Length],
        CustomValues = CustomValues,
    };
}
