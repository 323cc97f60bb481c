using Aion.Model;
using Aion.Storage;

namespace Aion.PromQL;

/// <summary>One select that several operators read, each from its beginning. A batch is let go when all of them had it.</summary>
internal sealed class SharedSelect(StoreSource source)
{
    private readonly List<IReadOnlyList<SampleSeries>?> _batches = [];
    private readonly List<int> _taken = [];
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

            _batches.Add(next);
            _taken.Add(0);
        }

        IReadOnlyList<SampleSeries> batch = _batches[index]!;
        if (++_taken[index] == _readers) _batches[index] = null;
        return batch;
    }

    private sealed class Reader(SharedSelect owner) : SeriesSource
    {
        private int _next;

        public override TimeRange Range => owner.Range;

        public override ValueTask<IReadOnlyList<SampleSeries>?> NextAsync() => owner.BatchAsync(_next++);
    }

    private TimeRange Range => source.Range;
}
