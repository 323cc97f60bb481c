namespace Aion.Model;

/// <summary>
/// Walks the buckets of one side in index order without bounds. Stops where spans and counts disagree, so that broken data cannot run over.
/// </summary>
internal ref struct BucketCursor
{
    private readonly ReadOnlySpan<BucketSpan> _spans;
    private readonly int _bucketCount;
    private int _span;
    private uint _inSpan;

    public BucketCursor(ReadOnlySpan<BucketSpan> spans, int bucketCount)
    {
        _spans = spans;
        _bucketCount = bucketCount;
        Position = -1;
        Index = -1;
    }

    /// <summary>Place in the array of counts.</summary>
    public int Position { get; private set; }

    /// <summary>The bucket's index within its schema.</summary>
    public int Index { get; private set; }

    public bool MoveNext()
    {
        if (Position + 1 >= _bucketCount) return false;
        if (Position < 0) Index = _spans.IsEmpty ? 0 : _spans[0].Offset;
        else Index++;
        while (_span < _spans.Length && _inSpan >= _spans[_span].Length)
        {
            _span++;
            _inSpan = 0;
            if (_span < _spans.Length) Index += _spans[_span].Offset;
        }

        if (_span >= _spans.Length) return false;
        _inSpan++;
        Position++;
        return true;
    }

    /// <summary>Moves past the buckets that end at or below a threshold (in absolute terms); true when it stands on one above.</summary>
    public bool MoveAbove(double threshold, int schema)
    {
        while (MoveNext())
            if (threshold <= 0 || HistogramBounds.IsCustom(schema) || HistogramBounds.GetExponentialBound(Index, schema) > threshold) return true;
        return false;
    }
}
