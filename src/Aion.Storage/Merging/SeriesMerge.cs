using System.Runtime.CompilerServices;
using Aion.Model;

namespace Aion.Storage;

/// <summary>
/// Merges streams that are each in label order into one in label order, where a series stands once with all of its chunks.
/// Warnings pass through ahead of the series. Associative: the merge of merges is the merge of all.
/// </summary>
public static class SeriesMerge
{
    /// <summary>Series in an output frame.</summary>
    private const int FrameSeries = 256;

    /// <param name="sources">Read in step with the consumer; each is asked for its next frame only when its last one is used up.</param>
    public static async IAsyncEnumerable<SeriesFrame> MergeAsync(
        IReadOnlyList<IAsyncEnumerable<SeriesFrame>> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Cursor[] cursors = [.. sources.Select((s, i) => new Cursor(s.GetAsyncEnumerator(cancellationToken), i))];
        try
        {
            // All sources start at once; one by one their first answers would add up.
            await Task.WhenAll(cursors.Select(c => c.MoveAsync().AsTask()));
            var queue = new PriorityQueue<Cursor, Cursor>(Cursor.Order);
            foreach (Cursor cursor in cursors)
                if (cursor.HasSeries) queue.Enqueue(cursor, cursor);
            foreach (Cursor cursor in cursors)
                if (cursor.TakeWarnings() is { Count: > 0 } warnings) yield return new SeriesFrame([], warnings);

            var frame = new List<ChunkSeries>(FrameSeries);
            var same = new List<ChunkSeries>();
            while (queue.TryDequeue(out Cursor? first, out _))
            {
                same.Clear();
                Labels labels = first.Current.Labels;
                Cursor? cursor = first;
                do
                {
                    do
                    {
                        same.Add(cursor.Current);
                        if (!cursor.TryStep()) await cursor.MoveAsync();
                        if (cursor.TakeWarnings() is { Count: > 0 } warnings) yield return new SeriesFrame([], warnings);
                    }
                    while (cursor.HasSeries && cursor.Current.Labels.Equals(labels));

                    if (cursor.HasSeries) queue.Enqueue(cursor, cursor);
                    cursor = queue.TryPeek(out Cursor? next, out _) && next.Current.Labels.Equals(labels) ? queue.Dequeue() : null;
                }
                while (cursor is not null);

                frame.Add(same.Count == 1 ? same[0] : new ChunkSeries(labels, ChunkUnion.Of(same)));
                if (frame.Count < FrameSeries) continue;
                yield return SeriesFrame.Of(frame);
                frame = new List<ChunkSeries>(FrameSeries);
            }

            if (frame.Count > 0) yield return SeriesFrame.Of(frame);
        }
        finally
        {
            foreach (Cursor cursor in cursors) await cursor.DisposeAsync();
        }
    }

    /// <summary>One source and where it stands.</summary>
    private sealed class Cursor(IAsyncEnumerator<SeriesFrame> source, int index) : IAsyncDisposable
    {
        public static readonly IComparer<Cursor> Order = Comparer<Cursor>.Create(static (a, b) =>
        {
            int order = a.Current.Labels.CompareTo(b.Current.Labels);
            return order != 0 ? order : a._index.CompareTo(b._index);
        });

        private readonly int _index = index;
        private IReadOnlyList<ChunkSeries> _series = [];
        private List<string>? _warnings;
        private int _at;

        public bool HasSeries => _at < _series.Count;

        public ChunkSeries Current => _series[_at];

        public bool TryStep() => ++_at < _series.Count;

        public async ValueTask MoveAsync()
        {
            _at = 0;
            _series = [];
            while (await source.MoveNextAsync())
            {
                if (source.Current.Warnings.Count > 0) (_warnings ??= []).AddRange(source.Current.Warnings);
                if (source.Current.Series.Count == 0) continue;
                _series = source.Current.Series;
                return;
            }
        }

        public List<string>? TakeWarnings()
        {
            List<string>? warnings = _warnings;
            _warnings = null;
            return warnings;
        }

        public ValueTask DisposeAsync() => source.DisposeAsync();
    }
}
