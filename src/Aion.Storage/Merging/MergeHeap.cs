namespace Aion.Storage;

/// <summary>Binary heap of inputs by their current label set.</summary>
internal sealed class MergeHeap(int capacity)
{
    private readonly MergeCursor[] _items = new MergeCursor[capacity];

    public int Count { get; private set; }

    public MergeCursor Top => _items[0];

    public void Push(MergeCursor cursor)
    {
        int at = Count++;
        while (at > 0)
        {
            int parent = (at - 1) / 2;
            if (!IsBefore(cursor, _items[parent])) break;
            _items[at] = _items[parent];
            at = parent;
        }

        _items[at] = cursor;
    }

    public void Pop()
    {
        _items[0] = _items[--Count];
        _items[Count] = null!;
        if (Count > 0) SiftTop();
    }

    /// <summary>Restores the order after the top moved on.</summary>
    public void SiftTop()
    {
        MergeCursor cursor = _items[0];
        var at = 0;
        while (true)
        {
            int child = 2 * at + 1;
            if (child >= Count) break;
            if (child + 1 < Count && IsBefore(_items[child + 1], _items[child])) child++;
            if (!IsBefore(_items[child], cursor)) break;
            _items[at] = _items[child];
            at = child;
        }

        _items[at] = cursor;
    }

    private static bool IsBefore(MergeCursor a, MergeCursor b)
    {
        int order = a.Current.Labels.CompareTo(b.Current.Labels);
        return order != 0 ? order < 0 : a.Index < b.Index;
    }
}
