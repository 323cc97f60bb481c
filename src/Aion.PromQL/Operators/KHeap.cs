namespace Aion.PromQL;

/// <summary>The best k values of one group at one step; of equal values the earlier stays. NaN is the worst.</summary>
internal sealed class KHeap(long k, bool top)
{
    private const int FewItems = 64;

    private readonly List<(double Value, int Ordinal)> _heap = [];

    /// <summary>True if the heap grew.</summary>
    public bool Offer(double value, int ordinal)
    {
        if (_heap.Count < k)
        {
            _heap.Add((value, ordinal));
            Up(_heap.Count - 1);
            return true;
        }

        if (!IsWorse(_heap[0].Value, value)) return false;
        _heap[0] = (value, ordinal);
        Down(0);
        return false;
    }

    /// <summary>What was kept, the best first; the heap is at its end with that.</summary>
    /// <param name="poll">Stops a query that was canceled meanwhile.</param>
    public List<(double Value, int Ordinal)> BestFirst(Action poll)
    {
        if (_heap.Count > FewItems)
        {
            return PolledSort.Ordered(
                _heap, Comparer<(double Value, int Ordinal)>.Create((a, b) => IsWorse(a.Value, b.Value) ? 1 : IsWorse(b.Value, a.Value) ? -1 : 0), poll);
        }

        // Mostly five or ten, at each of a thousand steps: put in order where they are.
        for (var i = 1; i < _heap.Count; i++)
        {
            (double Value, int Ordinal) item = _heap[i];
            int at = i;
            for (; at > 0 && IsWorse(_heap[at - 1].Value, item.Value); at--) _heap[at] = _heap[at - 1];
            _heap[at] = item;
        }

        return _heap;
    }

    private bool IsWorse(double a, double b)
    {
        if (double.IsNaN(a)) return !double.IsNaN(b);
        return top ? a < b : a > b;
    }

    private void Up(int at)
    {
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!IsWorse(_heap[at].Value, _heap[parent].Value)) return;
            (_heap[at], _heap[parent]) = (_heap[parent], _heap[at]);
            at = parent;
        }
    }

    private void Down(int at)
    {
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= _heap.Count) return;
            if (child + 1 < _heap.Count && IsWorse(_heap[child + 1].Value, _heap[child].Value)) child++;
            if (!IsWorse(_heap[child].Value, _heap[at].Value)) return;
            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }
    }
}
