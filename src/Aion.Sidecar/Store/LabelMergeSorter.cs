using System.Text;
using Aion.Model;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>
/// Adds the external labels to series that come in the order of their stored labels, takes replica labels away, and gives the series
/// out in the order of the result. Series may have the external labels already. Not thread-safe.
/// </summary>
/// <remarks>
/// Adding labels that a series does not have changes the order in one case only: a series whose labels begin another's
/// (<c>{a="1"}</c>, <c>{a="1", b="2"}</c>, external <c>c</c>: the second then sorts first). The longer ones follow the shorter at once,
/// so it is enough to hold a series back while the next one sorts before it. A series that stores one of the touched labels can move
/// far. Who knows of such series calls <see cref="HoldAll"/> at the start: everything is held until the end then, within the budget. Where
/// one comes as a surprise it is done from there on, and if that is too late the answer fails; it is never out of order.
/// </remarks>
internal sealed class LabelMergeSorter(Labels external, IReadOnlyList<string> without, MemoryBudget? budget) : IDisposable
{
    private readonly byte[][] _without = [.. without.Select(Encoding.UTF8.GetBytes)];
    private readonly LabelsBuilder _builder = new();

    // Ascending unless all are held; in the plain case one entry or a few.
    private List<ChunkSeries> _held = [];
    private Labels? _last;
    private Labels? _lastOwn;
    private Labels? _lastMerged;
    private Labels? _lastGiven;
    private bool _holdsAll;
    private long _charged;

    /// <summary>Makes no use of the order of arrival.</summary>
    public void HoldAll()
    {
        if (_holdsAll) return;
        _holdsAll = true;
        foreach (ChunkSeries series in _held) Charge(series);
    }

    /// <summary>Takes the next series and appends to <paramref name="output"/> what is now certain to be next.</summary>
    public void Add(ChunkSeries series, List<ChunkSeries> output)
    {
        if (series.Labels != _last) Begin(series.Labels);
        ChunkSeries merged = series with { Labels = _lastMerged! };
        if (_holdsAll)
        {
            Charge(merged);
            _held.Add(merged);
            return;
        }

        var ready = 0;
        while (ready < _held.Count && _held[ready].Labels < merged.Labels) ready++;
        Give(_held.Take(ready), output);
        _held.RemoveRange(0, ready);
        var at = 0;
        while (at < _held.Count && _held[at].Labels <= merged.Labels) at++;
        _held.Insert(at, merged);
    }

    /// <summary>Gives out what is left.</summary>
    /// <exception cref="StoreException">A series should have been given out earlier: nothing told that its labels were touched.</exception>
    public void Complete(List<ChunkSeries> output)
    {
        Give(_holdsAll ? _held.OrderBy(s => s.Labels) : _held, output);
        _held = [];
    }

    public void Dispose()
    {
        budget?.Release(_charged);
        _charged = 0;
    }

    private void Begin(Labels labels)
    {
        _last = labels;
        bool touched = Strip(labels, out Labels own);
        // Out of order without the external labels: then some series stores one of them.
        if (touched || (_lastOwn is not null && own <= _lastOwn)) HoldAll();
        _lastOwn = own;
        _lastMerged = ExternalLabels.Merge(labels, external, without, _builder);
    }

    /// <summary>Takes off the external labels that were added; true when a label is left that the result will not show as it is.</summary>
    private bool Strip(Labels labels, out Labels own)
    {
        var touched = false;
        _builder.Clear();
        foreach (LabelPair label in labels)
        {
            if (external.Has(label.Name))
            {
                if (external.ValueOf(label.Name).SequenceEqual(label.Value)) continue;
                touched = true;
            }
            else
            {
                touched |= IsDropped(label.Name);
            }

            _builder.Add(label.Name, label.Value);
        }

        own = _builder.Count == labels.Count ? labels : _builder.ToLabels();
        return touched;
    }

    private void Give(IEnumerable<ChunkSeries> series, List<ChunkSeries> output)
    {
        foreach (ChunkSeries one in series)
        {
            if (_lastGiven is not null && one.Labels < _lastGiven)
            {
                throw new StoreException(
                    StoreErrorKind.Unavailable,
                    $"Prometheus has new series that store an external label ({one.Labels} came after {_lastGiven}); ask again in a minute");
            }

            _lastGiven = one.Labels;
            output.Add(one);
        }
    }

    private void Charge(ChunkSeries series)
    {
        long bytes = SeriesSizes.Of(series);
        budget?.Charge(bytes, "series to be sorted anew, because some store external or replica labels");
        _charged += bytes;
    }

    private bool IsDropped(ReadOnlySpan<byte> name)
    {
        foreach (byte[] dropped in _without)
            if (name.SequenceEqual(dropped)) return true;
        return false;
    }
}
