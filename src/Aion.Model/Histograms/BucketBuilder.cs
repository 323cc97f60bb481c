namespace Aion.Model;

/// <summary>Collects buckets in ascending index order into spans and counts, with a second row of counts for compensations if asked for.</summary>
internal struct BucketBuilder
{
    private readonly List<BucketSpan> _spans;
    private readonly double[] _counts;
    private readonly double[]? _compensations;
    private int _length;
    private int _lastIndex;

    public BucketBuilder(int capacity, bool compensated)
    {
        _spans = [];
        _counts = new double[capacity];
        _compensations = compensated ? new double[capacity] : null;
    }

    public readonly bool IsEmpty => _length == 0;

    public readonly int LastIndex => _lastIndex;

    public void Append(int index, double count, double compensation = 0)
    {
        if (_length > 0 && index == unchecked(_lastIndex + 1))
            _spans[^1] = _spans[^1] with { Length = _spans[^1].Length + 1 };
        else
            _spans.Add(new BucketSpan(_length == 0 ? index : unchecked(index - _lastIndex - 1), 1));
        _counts[_length] = count;
        if (_compensations is not null) _compensations[_length] = compensation;
        _length++;
        _lastIndex = index;
    }

    /// <summary>Adds to the bucket appended last, compensated when there is a row for it.</summary>
    public readonly void AddToLast(double count, double compensation = 0)
    {
        ref double sum = ref _counts[_length - 1];
        if (_compensations is null)
        {
            sum += count;
            return;
        }

        ref double error = ref _compensations[_length - 1];
        KahanSum.Add(count, ref sum, ref error);
        if (compensation != 0) KahanSum.Add(compensation, ref sum, ref error);
    }

    public readonly Buckets ToBuckets() =>
        new([.. _spans], Trim(_counts), _compensations is null ? null : Trim(_compensations));

    private readonly double[] Trim(double[] values) => values.Length == _length ? values : values.AsSpan(0, _length).ToArray();
}
