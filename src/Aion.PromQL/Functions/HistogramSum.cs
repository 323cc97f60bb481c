using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Sum or mean of histograms with compensation. The mean goes incremental from where a sum would overflow. Counter reset hints that contradict
/// each other and custom bounds that differ are noted for an annotation.
/// </summary>
internal sealed class HistogramSum(bool mean)
{
    private FloatHistogram? _sum;
    private FloatHistogram? _errors;
    private FloatHistogram? _mean;
    private double _count;
    private bool _resetSeen;
    private bool _notResetSeen;

    /// <summary>Exponential and custom buckets met; the sum has no value.</summary>
    public bool IsIncompatible { get; private set; }

    public bool HasCollision => _resetSeen && _notResetSeen;

    public bool Reconciled { get; private set; }

    /// <summary>Adds a histogram, which stays unchanged; false once the sum is incompatible.</summary>
    public bool Add(FloatHistogram histogram)
    {
        if (IsIncompatible) return false;
        _resetSeen |= histogram.CounterResetHint == CounterResetHint.Reset;
        _notResetSeen |= histogram.CounterResetHint == CounterResetHint.NotReset;
        _count++;
        if (_sum is null)
        {
            _sum = histogram.Copy();
            return true;
        }

        if (!mean) return Note(_sum.KahanAdd(histogram, ref _errors));
        return _mean is null ? AddToSum(histogram) : AddToMean(histogram);
    }

    /// <summary>The value; nothing can be added afterwards. Null if it is incompatible or empty.</summary>
    public FloatHistogram? Result(bool compact)
    {
        if (_sum is null || IsIncompatible) return null;
        FloatHistogram result = _mean ?? _sum;
        if (mean && _mean is null)
        {
            result.Divide(_count);
            _errors?.Divide(_count);
        }

        if (_errors is not null) result.Add(_errors);
        return compact ? result.Compact() : result;
    }

    private bool AddToSum(FloatHistogram histogram)
    {
        FloatHistogram sum = _sum!.Copy();
        FloatHistogram? errors = _errors?.Copy();
        if (!Note(sum.KahanAdd(histogram, ref errors))) return false;
        if (!sum.HasOverflow())
        {
            _sum = sum;
            _errors = errors;
            return true;
        }

        _mean = _sum.Copy().Divide(_count - 1);
        _errors?.Divide(_count - 1);
        return AddToMean(histogram);
    }

    private bool AddToMean(FloatHistogram histogram)
    {
        double q = (_count - 1) / _count;
        _errors?.Multiply(q);
        _mean!.Multiply(q);
        return Note(_mean.KahanAdd(histogram.Copy().Divide(_count), ref _errors));
    }

    private bool Note(HistogramOutcome outcome)
    {
        Reconciled |= outcome.HasFlag(HistogramOutcome.BoundsReconciled);
        IsIncompatible |= outcome.HasFlag(HistogramOutcome.Incompatible);
        return !IsIncompatible;
    }
}
