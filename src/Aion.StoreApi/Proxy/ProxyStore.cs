using System.Runtime.CompilerServices;
using Aion.Model;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>
/// Many stores as one: asks those that may hold matching data at once, merges their answers by label set, and says what is missing.
/// Thread-safe.
/// </summary>
/// <param name="stores">The newest list of stores; asked on every request.</param>
/// <param name="options">Behaviour.</param>
/// <param name="metrics">Counters; null for none.</param>
public sealed class ProxyStore(Func<IReadOnlyList<StoreClient>> stores, ProxyOptions options, ProxyMetrics? metrics = null) : IStore
{
    private IReadOnlyList<IReadOnlyList<LabelMatcher>> _storeMatch = [];

    public string Name => options.Component;

    public StoreInfo Info => ProxyInfo.Of(options.Component, stores(), options.SelectorLabels);

    /// <summary>The same proxy, asking only endpoints whose <c>__address__</c> matches one of the groups; no groups = all stores.</summary>
    public ProxyStore WithStoreMatch(IReadOnlyList<IReadOnlyList<LabelMatcher>> groups) =>
        groups.Count == 0 ? this : new ProxyStore(stores, options, metrics) { _storeMatch = groups };

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!ExternalLabels.TryMatch(options.SelectorLabels, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) yield break;
        if (matchers.Count == 0)
            throw new StoreException(StoreErrorKind.InvalidArgument, "no matchers specified (excluding selector labels)");
        IReadOnlyList<StoreClient> all = stores();
        if (all.Count == 0 && request.PartialResponse == PartialResponse.Abort)
            throw new StoreException(StoreErrorKind.Unknown, "No StoreAPIs available");

        // Block hints are for the store that was asked, as upstream (G-3.1 field 9).
        SelectRequest downstream = request with { Matchers = matchers, BlockMatchers = [] };
        List<StoreClient> selected = StoreSelection.Select(all, request.MinTimeMs, request.MaxTimeMs, matchers, _storeMatch);
        List<StoreStream> streams = [.. selected.Select(s => new StoreStream(s, downstream, options, metrics, cancellationToken))];
        try
        {
            long left = request.Limit > 0 ? request.Limit : long.MaxValue;
            await foreach (SeriesFrame frame in SeriesMerge.MergeAsync([.. streams.Select(s => s.ReadAsync())], cancellationToken))
            {
                if (frame.Series.Count < left)
                {
                    left -= frame.Series.Count;
                    yield return frame;
                    continue;
                }

                yield return frame with { Series = [.. frame.Series.Take((int)left)] };
                yield break;
            }
        }
        finally
        {
            await Task.WhenAll(streams.Select(s => s.DisposeAsync().AsTask()));
        }
    }

    public async Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken)
    {
        if (!ExternalLabels.TryMatch(options.SelectorLabels, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) return LabelsAnswer.Empty;
        // As upstream, names are asked for without the limit; it cuts the merged names.
        LabelNamesRequest downstream = request with { Matchers = matchers, Limit = 0 };
        List<StoreClient> selected = StoreSelection.Select(stores(), request.MinTimeMs, request.MaxTimeMs, matchers, _storeMatch);
        return await LabelsFanOut.AskAsync(
            selected, "names", client => client.Store.LabelNamesAsync(downstream, cancellationToken), request.PartialResponse, request.Limit);
    }

    public async Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken)
    {
        if (!ExternalLabels.TryMatch(options.SelectorLabels, request.Matchers, out IReadOnlyList<LabelMatcher> matchers)) return LabelsAnswer.Empty;
        LabelValuesRequest downstream = request with { Matchers = matchers, BlockMatchers = [] };
        List<StoreClient> selected = StoreSelection.Select(stores(), request.MinTimeMs, request.MaxTimeMs, matchers, _storeMatch);
        return await LabelsFanOut.AskAsync(
            selected, "values", client => client.Store.LabelValuesAsync(downstream, cancellationToken), request.PartialResponse, request.Limit);
    }
}
