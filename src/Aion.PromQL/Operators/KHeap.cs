namespace Aion.PromQL;

/// <summary>The best k values of one group at one step; of equal values the earlier stays. NaN is the worst.</summary>
internal sealed class KHeap(long k, bool top)
{
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

    /// <param name="poll">Stops a query that was canceled meanwhile.</param>
    public List<(double Value, int Ordinal)> BestFirst(Action poll) => PolledSort.Ordered(_heap, Comparer<(double Value, int Ordinal)>.Create(
        (a, b) => IsWorse(a.Value, b.Value) ? 1 : IsWorse(b.Value, a.Value) ? -1 : 0), poll);

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
