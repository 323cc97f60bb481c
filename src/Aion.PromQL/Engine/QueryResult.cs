using Aion.Model;

namespace Aion.PromQL;

/// <summary>What a query answered. Immutable and independent of the querier.</summary>
public sealed class QueryResult
{
    /// <summary>Scalar, String, Vector or Matrix. A range query always answers a Matrix.</summary>
    public required ValueType Type { get; init; }

    /// <summary>The evaluation times; one for an instant query.</summary>
    public required StepGrid Grid { get; init; }

    /// <summary>The value of a Scalar.</summary>
    public double Scalar { get; init; }

    /// <summary>The value of a String.</summary>
    public string Text { get; init; } = "";

    /// <summary>
    /// The series of a Vector (one point each, in the engine's order, which matters for sort and topk) or a Matrix (sorted by labels).
    /// Label sets are unique.
    /// </summary>
    public IReadOnlyList<ResultSeries> Series { get; init; } = [];

    /// <summary>Warnings as the API prints them, unique: <c>PromQL warning: … (1:5)</c>, and those of the stores without prefix.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Infos as the API prints them, unique: <c>PromQL info: … (1:5)</c>.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];

    public QueryStatistics Statistics { get; init; } = new();

    /// <summary>What each operator took; null unless <see cref="QueryOptions.Analyze"/> asked for it.</summary>
    public QueryOperator? Analysis { get; internal set; }
}

/// <summary>One point of a series: a float, or a histogram (then <see cref="Value"/> means nothing).</summary>
public readonly record struct ResultPoint(long TimestampMs, double Value, FloatHistogram? Histogram);

/// <summary>
/// One series of an answer: a row over the query's grid, or raw samples (a range vector answered by an instant query).
/// Enumerate it for its points in order of time; no allocation.
/// </summary>
public sealed class ResultSeries
{
    private readonly StepGrid _grid;
    private readonly ulong[]? _present;
    private readonly long[]? _times;
    private readonly double[] _values;
    private readonly FloatHistogram?[]? _histograms;

    internal ResultSeries(Labels labels, StepGrid grid, double[] values, ulong[] present, FloatHistogram?[]? histograms)
    {
        Labels = labels;
        _grid = grid;
        _values = values;
        _present = present;
        _histograms = histograms;
        PointCount = Bits.Count(present);
        if (histograms is not null)
            for (var i = Bits.Next(present, 0); i >= 0; i = Bits.Next(present, i + 1))
                if (histograms[i] is not null) HistogramCount++;
    }

    internal ResultSeries(Labels labels, long[] times, double[] values, FloatHistogram?[]? histograms)
    {
        Labels = labels;
        _times = times;
        _values = values;
        _histograms = histograms;
        PointCount = times.Length;
        if (histograms is not null) HistogramCount = histograms.Count(h => h is not null);
    }

    public Labels Labels { get; }

    public int PointCount { get; }

    public int HistogramCount { get; }

    public int FloatCount => PointCount - HistogramCount;

    /// <summary>One value a step of the query's grid, meaningless where <see cref="StepsPresent"/> has no bit; empty for raw samples.</summary>
    public ReadOnlySpan<double> StepValues => _present is null ? [] : _values;

    /// <summary>Bit <c>i % 64</c> of word <c>i / 64</c> says that step i has a point; empty for raw samples.</summary>
    public ReadOnlySpan<ulong> StepsPresent => _present;

    public Enumerator GetEnumerator() => new(this);

    public struct Enumerator
    {
        private readonly ResultSeries _series;
        private int _at;

        internal Enumerator(ResultSeries series)
        {
            _series = series;
            _at = -1;
        }

        public readonly ResultPoint Current => new(
            _series._times is { } times ? times[_at] : _series._grid.At(_at), _series._values[_at], _series._histograms?[_at]);

        public bool MoveNext()
        {
            if (_series._present is { } present)
            {
                int next = Bits.Next(present, _at + 1);
                if (next < 0) return false;
                _at = next;
                return true;
            }

            return ++_at < _series._values.Length;
        }
    }
}

/// <summary>What a query read and held.</summary>
public sealed class QueryStatistics
{
    /// <summary>Samples of every window of every step.</summary>
    public long TotalQueryableSamples { get; init; }

    /// <summary>Samples, each counted at the first step that saw it.</summary>
    public long SamplesRead { get; init; }

    /// <summary>Most samples held at once.</summary>
    public long PeakSamples { get; init; }

    /// <summary>By step; null unless <see cref="QueryOptions.PerStepStatistics"/>.</summary>
    public IReadOnlyList<long>? TotalQueryableSamplesPerStep { get; init; }

    /// <summary>By step; null unless <see cref="QueryOptions.PerStepStatistics"/>.</summary>
    public IReadOnlyList<long>? SamplesReadPerStep { get; init; }
}
