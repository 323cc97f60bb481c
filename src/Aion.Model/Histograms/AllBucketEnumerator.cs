namespace Aion.Model;

/// <summary>
/// Walks negative buckets, the zero bucket when it is populated, and positive buckets in value order, ascending or descending.
/// Buckets that reach into the zero bucket are cut at its edge.
/// </summary>
public struct AllBucketEnumerator
{
    private readonly FloatHistogram _histogram;
    private BucketEnumerator _first;
    private BucketEnumerator _second;
    private int _stage;

    internal AllBucketEnumerator(FloatHistogram histogram, bool reversed)
    {
        _histogram = histogram;
        _first = new BucketEnumerator(histogram, negative: !reversed, reversed: true);
        _second = new BucketEnumerator(histogram, negative: reversed, reversed: false);
    }

    public HistogramBucket Current { get; private set; }

    public readonly AllBucketEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_stage == 0)
        {
            if (_first.MoveNext())
            {
                Current = Cut(_first.Current);
                return true;
            }

            _stage = 1;
            if (_histogram.ZeroCount > 0 && !_histogram.UsesCustomBuckets)
            {
                Current = _histogram.ZeroBucket;
                return true;
            }
        }

        if (!_second.MoveNext()) return false;
        Current = Cut(_second.Current);
        return true;
    }

    private readonly HistogramBucket Cut(HistogramBucket bucket)
    {
        double threshold = _histogram.ZeroThreshold;
        if (bucket.Upper < 0 && bucket.Upper > -threshold) return bucket with { Upper = -threshold };
        if (bucket.Lower > 0 && bucket.Lower < threshold) return bucket with { Lower = threshold };
        return bucket;
    }
}
