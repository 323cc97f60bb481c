using System.Runtime.CompilerServices;

namespace Aion.Storage;

/// <summary>
/// Merges answers that are each in label order into one: every label set appears once, with the chunks of all inputs, identical chunks
/// once. Pulls an input only when its series is next, so back-pressure reaches every input.
/// </summary>
public static class SeriesMerge
{
    private const int SeriesPerFrame = 128;

    /// <param name="inputs">Each enumerated once. Their warnings pass through, before the series that follow them.</param>
    /// <param name="cancellationToken">Handed to every input; also cancelled when one input fails or the reader leaves.</param>
    public static async IAsyncEnumerable<SeriesFrame> MergeAsync(
        IReadOnlyList<IAsyncEnumerable<SeriesFrame>> inputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var cursors = new MergeCursor[inputs.Count];
        for (var i = 0; i < cursors.Length; i++) cursors[i] = new MergeCursor(i, inputs[i].GetAsyncEnumerator(stop.Token));
        Task<bool>? pending = null;
        try
        {
            var output = new Output();
            var heap = new MergeHeap(cursors.Length);
            bool[] started = await Task.WhenAll(cursors.Select(c => StartAsync(c, stop)));
            for (var i = 0; i < cursors.Length; i++)
            {
                if (started[i]) heap.Push(cursors[i]);
                output.TakeWarnings(cursors[i]);
            }

            var group = new List<ChunkSeries>();
            while (heap.Count > 0)
            {
                group.Clear();
                ChunkSeries head = heap.Top.Current;
                do
                {
                    MergeCursor cursor = heap.Top;
                    group.Add(cursor.Current);
                    bool more = cursor.TryMoveNext();
                    if (!more)
                    {
                        pending = cursor.NextFrameAsync();
                        // What is done goes out rather than wait with a slow input.
                        if (!pending.IsCompleted && output.HasSome) yield return output.Take();
                        more = await pending;
                        pending = null;
                        output.TakeWarnings(cursor);
                    }

                    if (more) heap.SiftTop();
                    else heap.Pop();
                }
                while (heap.Count > 0 && heap.Top.Current.Labels.Equals(head.Labels));

                output.Add(ChunkDedup.Combine(group));
                if (output.Count >= SeriesPerFrame) yield return output.Take();
            }

            if (output.HasSome) yield return output.Take();
        }
        finally
        {
            await stop.CancelAsync();
            // An input can't be disposed while it moves. Its outcome no longer matters to anybody.
            if (pending is not null) await Task.WhenAny(pending);
            foreach (MergeCursor cursor in cursors) await cursor.DisposeAsync();
        }
    }

    /// <summary>All inputs start at once; when one fails the others need not go on.</summary>
    private static async Task<bool> StartAsync(MergeCursor cursor, CancellationTokenSource stop)
    {
        try
        {
            return await cursor.NextFrameAsync();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    /// <summary>The frame being filled.</summary>
    private sealed class Output
    {
        private List<ChunkSeries> _series = [];
        private List<string> _warnings = [];

        public int Count => _series.Count;

        public bool HasSome => _series.Count > 0 || _warnings.Count > 0;

        public void Add(ChunkSeries series) => _series.Add(series);

        public void TakeWarnings(MergeCursor cursor)
        {
            if (cursor.Warnings.Count == 0) return;
            _warnings.AddRange(cursor.Warnings);
            cursor.Warnings.Clear();
        }

        public SeriesFrame Take()
        {
            var frame = new SeriesFrame(_series, _warnings);
            _series = [];
            _warnings = [];
            return frame;
        }
    }
}
