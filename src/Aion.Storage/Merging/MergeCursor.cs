namespace Aion.Storage;

/// <summary>One input of a merge: a position in its current frame.</summary>
internal sealed class MergeCursor(int index, IAsyncEnumerator<SeriesFrame> frames) : IAsyncDisposable
{
    private SeriesFrame _frame = new([], []);
    private int _next;

    /// <summary>Breaks ties between equal label sets: the input given first comes first.</summary>
    public int Index { get; } = index;

    public ChunkSeries Current { get; private set; } = null!;

    /// <summary>Warnings met so far; whoever takes them clears the list.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Moves within the current frame; false at its end, which says nothing about the next frame.</summary>
    public bool TryMoveNext()
    {
        if (_next >= _frame.Series.Count) return false;
        Current = _frame.Series[_next++];
        return true;
    }

    /// <summary>Moves to the first series of the next frame that has any; false at the end of the input.</summary>
    public async Task<bool> NextFrameAsync()
    {
        while (await frames.MoveNextAsync())
        {
            _frame = frames.Current;
            _next = 0;
            Warnings.AddRange(_frame.Warnings);
            if (TryMoveNext()) return true;
        }

        return false;
    }

    public ValueTask DisposeAsync() => frames.DisposeAsync();
}
