using Aion.Storage;

namespace Aion.Compactor;

/// <summary>
/// Merges the samples of overlapping chunks, keeping every timestamp once. Of equal timestamps the sample is taken from the chunk that the
/// merge would turn to next, which decides values where replicas differ: the order of turning is Prometheus's, a binary heap by time in
/// which the first chunk stands last (L-6.1; <c>golden/tsdb/compact/dedup-same-times-default</c>). Reusable; not thread-safe.
/// </summary>
internal sealed class ChunkChain
{
    private Cursor[] _heap = [];
    private int _count;

    /// <param name="chunks">None empty; each ascending by time.</param>
    /// <param name="into">Takes the merged samples.</param>
    public void Merge(ReadOnlySpan<SampleBuffer> chunks, SampleBuffer into)
    {
        if (chunks.Length == 1)
        {
            into.AddRange(chunks[0], 0, chunks[0].Count);
            return;
        }

        if (_heap.Length < chunks.Length) _heap = new Cursor[chunks.Length * 2];
        _count = 0;
        for (var i = 2; i < chunks.Length; i++) Push(new Cursor(chunks[i], 0));
        Push(new Cursor(chunks[0], 0));
        var current = new Cursor(chunks[1], -1);
        bool isFirst = true;
        long last = 0;
        while (true)
        {
            if (!TryTurn(ref current, isFirst, last)) return;
            isFirst = false;
            // All samples before the next chunk's come from this one.
            int from = current.At;
            ReadOnlySpan<long> times = current.Samples.Times;
            long limit = _count == 0 ? long.MaxValue : _heap[0].Time;
            int to = from + 1;
            while (to < times.Length && (_count == 0 || times[to] < limit)) to++;
            into.AddRange(current.Samples, from, to - from);
            last = times[to - 1];
            current = current with { At = to - 1 };
        }
    }

    /// <summary>Moves to the next sample, in whatever chunk it is; false at the end of all.</summary>
    private bool TryTurn(ref Cursor current, bool isFirst, long last)
    {
        while (true)
        {
            current = current with { At = current.At + 1 };
            if (current.At < current.Samples.Count)
            {
                if (!isFirst && current.Time == last) continue;
                if (_count == 0 || current.Time < _heap[0].Time) return true;
                Push(current);
            }
            else if (_count == 0)
            {
                return false;
            }

            current = Pop();
            if (isFirst || current.Time != last) return true;
        }
    }

    private void Push(Cursor cursor)
    {
        int at = _count++;
        _heap[at] = cursor;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (_heap[at].Time >= _heap[parent].Time) break;
            (_heap[at], _heap[parent]) = (_heap[parent], _heap[at]);
            at = parent;
        }
    }

    private Cursor Pop()
    {
        int end = --_count;
        (_heap[0], _heap[end]) = (_heap[end], _heap[0]);
        var at = 0;
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= end) break;
            if (child + 1 < end && _heap[child + 1].Time < _heap[child].Time) child++;
            if (_heap[child].Time >= _heap[at].Time) break;
            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }

        return _heap[end];
    }

    private readonly record struct Cursor(SampleBuffer Samples, int At)
    {
        public long Time => Samples.Times[At];
    }
}
