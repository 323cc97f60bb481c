using System.Globalization;
using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>Fails a select that would return more than allowed. Samples are counted as 120 a chunk, since chunks are not opened here.</summary>
/// <param name="maxSeries">0 = no limit. Flag: <c>--store.limits.request-series</c>.</param>
/// <param name="maxSamples">0 = no limit. Flag: <c>--store.limits.request-samples</c>.</param>
public sealed class LimitedStore(IStore inner, ulong maxSeries, ulong maxSamples) : IStore
{
    private const ulong SamplesPerChunk = 120;

    public string Name => inner.Name;

    public StoreInfo Info => inner.Info;

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ulong series = 0, samples = 0;
        Labels? last = null;
        await foreach (SeriesFrame frame in inner.SelectAsync(request, cancellationToken))
        {
            foreach (ChunkSeries one in frame.Series)
            {
                if (one.Labels != last) series++;
                last = one.Labels;
                samples += (ulong)one.Chunks.Count * SamplesPerChunk;
                Check("series", series, maxSeries);
                Check("samples", samples, maxSamples);
            }

            yield return frame;
        }
    }

    public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) =>
        inner.LabelNamesAsync(request, cancellationToken);

    public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) =>
        inner.LabelValuesAsync(request, cancellationToken);

    private static void Check(string what, ulong count, ulong limit)
    {
        if (limit == 0 || count <= limit) return;
        throw new StoreException(StoreErrorKind.ResourceExhausted, string.Create(
            CultureInfo.InvariantCulture,
            $"failed to send {what}: limit {limit} violated (got {count}); --store.limits.request-{what} raises it"));
    }
}
