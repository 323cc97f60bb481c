using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>Puts consecutive stretches of a series together; the last series stays open until another one starts.</summary>
internal sealed class SeriesAssembly
{
    private readonly List<ChunkSeries> _open = [];
    private List<ChunkSeries> _finished = [];

    public void Add(ChunkSeries stretch)
    {
        if (_open.Count > 0 && !_open[0].Labels.Equals(stretch.Labels)) Close();
        _open.Add(stretch);
    }

    public List<ChunkSeries> TakeFinished()
    {
        List<ChunkSeries> finished = _finished;
        if (finished.Count > 0) _finished = [];
        return finished;
    }

    public List<ChunkSeries> TakeAll()
    {
        if (_open.Count > 0) Close();
        return TakeFinished();
    }

    private void Close()
    {
        _finished.Add(ChunkDedup.Combine(_open));
        _open.Clear();
    }
}
