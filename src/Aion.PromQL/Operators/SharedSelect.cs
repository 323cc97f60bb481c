using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>One select that several operators read, each from its beginning. A batch is let go when all of them had it.</summary>
/// <param name="source">What is selected.</param>
/// <param name="budget">Pays for what one reader had and another is still to have; null: unlimited.</param>
internal sealed class SharedSelect(StoreSource source, MemoryBudget? budget)
{
    private readonly List<IReadOnlyList<SampleSeries>?> _batches = [];
    private readonly List<int> _taken = [];
    private readonly List<long> _bytes = [];
    private int _readers;
    private bool _ended;

    public SeriesSource NewReader()
    {
        _readers++;
        return new Reader(this);
    }

    private async ValueTask<IReadOnlyList<SampleSeries>?> BatchAsync(int index)
    {
        while (index == _batches.Count)
        {
            if (_ended) return null;
            if (await source.NextAsync() is not { } next)
            {
                _ended = true;
                return null;
            }

            long bytes = 0;
            if (_readers > 1 && budget is not null)
            {
                foreach (SampleSeries series in next) bytes += series.SizeBytes;
                budget.Charge(bytes, "series that several selectors read");
            }

            _batches.Add(next);
            _taken.Add(0);
            _bytes.Add(bytes);
        }

        IReadOnlyList<SampleSeries> batch = _batches[index]!;
        if (++_taken[index] < _readers) return batch;
        _batches[index] = null;
        budget?.Release(_bytes[index]);
        return batch;
    }

    private sealed class Reader(SharedSelect owner) : SeriesSource
    {
        private int _next;

        public override TimeRange Range => owner.Range;

        public override ValueTask<IReadOnlyList<SampleSeries>?> NextAsync() => owner.BatchAsync(_next++);
    }

    /// <summary>What the endpoints gave, when the query is analyzed.</summary>
    public FanOutReport? FanOut => source.FanOut;

    private TimeRange Range => source.Range;
}
