namespace Aion.Model;

/// <summary>Walks the buckets of one sign, empty ones included, away from zero or (reversed) towards it. Use it in <c>foreach</c>.</summary>
/// <remarks>Reads the histogram's arrays; the histogram must not change meanwhile.</remarks>
public struct BucketEnumerator
{
    private readonly BucketSpan[] _spans;
    private readonly double[] _counts;
    private readonly double[] _customValues;
    private readonly int _schema;
    private readonly bool _negative;
    private readonly bool _reversed;
    private int _span;
    private long _inSpan;
    private int _position;
    private int _index;
    // The bound shared with the bucket visited before; computing bounds is what costs here.
    private double _nextBound;
    private int _nextBoundIndex;

    internal BucketEnumerator(FloatHistogram histogram, bool negative, bool reversed)
    {
        _spans = negative ? histogram.NegativeSpans : histogram.PositiveSpans;
        _counts = negative ? histogram.NegativeBuckets : histogram.PositiveBuckets;
        _customValues = histogram.CustomValues;
        _schema = histogram.Schema;
        _negative = negative;
        _reversed = reversed;
        _nextBoundIndex = int.MinValue;
        _position = -1;
        if (!reversed) return;
        long covered = 0, end = 0;
        foreach (var span in _spans)
        {
            end += span.Offset + span.Length;
            covered += span.Length;
        }

        // Counts beyond the spans have no index; spans beyond the counts have no count.
        _position = (int)Math.Min(covered, _counts.Length);
        _span = _spans.Length - 1;
        _inSpan = _span < 0 ? 0 : _spans[_span].Length;
        _index = unchecked((int)end);
        for (long missing = covered - _position; missing > 0;)
        {
            long taken = Math.Min(missing, _inSpan);
            _inSpan -= taken;
            _index = unchecked(_index - (int)taken);
            missing -= taken;
            if (missing > 0) PreviousSpan();
        }
    }

    public readonly BucketEnumerator GetEnumerator() => this;

    public HistogramBucket Current
    {
        get
        {
            double outer = Bound(_index), inner = Bound(_index - 1);
            _nextBound = _reversed ? inner : outer;
            _nextBoundIndex = _reversed ? _index - 1 : _index;
            double count = _counts[_position];
            if (HistogramBounds.IsCustom(_schema)) return new HistogramBucket(inner, outer, _index == 0, true, count, _index);
            return _negative
                ? new HistogramBucket(-outer, -inner, true, false, count, _index)
                : new HistogramBucket(inner, outer, false, true, count, _index);
        }
    }

    /// <summary>The bucket's count without its bounds, which are costly.</summary>
    public readonly double CurrentCount => _counts[_position];

    public readonly int CurrentIndex => _index;

    /// <summary>The bucket's place in the histogram's array of counts.</summary>
    public readonly int CurrentPosition => _position;

    public bool MoveNext()
    {
        if (_reversed)
        {
            if (_position <= 0) return false;
            _position--;
            StepBack();
            return true;
        }

        if (_position + 1 >= _counts.Length || _spans.Length == 0) return false;
        _index = _position < 0 ? _spans[0].Offset : unchecked(_index + 1);
        while (_inSpan >= _spans[_span].Length)
        {
            if (_span + 1 >= _spans.Length) return false;
            _span++;
            _inSpan = 0;
            _index = unchecked(_index + _spans[_span].Offset);
        }

        _inSpan++;
        _position++;
        return true;
    }

    private void StepBack()
    {
        _index = unchecked(_index - 1);
        while (_inSpan == 0) PreviousSpan();
        _inSpan--;
    }

    private void PreviousSpan()
    {
        _index = unchecked(_index - _spans[_span].Offset);
        _span--;
        _inSpan = _spans[_span].Length;
    }

    private readonly double Bound(int index) =>
        index == _nextBoundIndex ? _nextBound : HistogramBounds.GetBound(index, _schema, _customValues);
}
