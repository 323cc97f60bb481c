using System.Runtime.CompilerServices;
using Aion.Hosting;
using Aion.Storage;

namespace Aion.Query;

/// <summary>
/// The querier of one query, which starts so many selects at once. A select holds its place until its first series are there, not until
/// its reader is done with them: an engine that reads two selects side by side must not wait for itself.
/// </summary>
internal sealed class GatedQuerier(IQuerier inner, ConcurrencyGate gate) : IQuerier
{
    private long _series;

    /// <summary>Series that all selects returned so far.</summary>
    public long SeriesCount => Volatile.Read(ref _series);

    public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ConcurrencyGate.Pass pass = await gate.EnterAsync(cancellationToken);
        try
        {
            await foreach (IReadOnlyList<SampleSeries> batch in inner.SelectAsync(hints, cancellationToken))
            {
                pass.Dispose();
                Interlocked.Add(ref _series, batch.Count);
                yield return batch;
            }
        }
        finally
        {
            pass.Dispose();
        }
    }
}
