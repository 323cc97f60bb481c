using System.Runtime.CompilerServices;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Query;

/// <summary>Reads from a store, which is the proxy over all endpoints in a querier, or any store of this process.</summary>
/// <param name="store">Where series come from.</param>
/// <param name="stores">What the stores endpoint shows; asked on every request.</param>
/// <param name="deduplication">How replicas become one series, where a request wants it.</param>
internal sealed class StoreQuerySource(IStore store, Func<IReadOnlyList<StoreStatus>> stores, ReplicaDedup deduplication = ReplicaDedup.Penalty) : IQuerySource
{
    public IQuerier Querier(SelectParameters select, string tenant) => new NamingQuerier(new StoreQuerier(Matching(select), new StoreQuerierOptions
    {
        Dedup = select.Deduplicate ? deduplication : ReplicaDedup.None,
        ReplicaLabels = [.. select.ReplicaLabels.Where(l => l.Length > 0)],
        MaxResolutionMs = select.MaxResolutionMs,
        PartialResponse = select.PartialResponse ? PartialResponse.Warn : PartialResponse.Abort,
        Tenant = tenant,
        Shard = select.Shard,
        Limit = select.Limit,
    }));

    public async Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, SelectParameters select, CancellationToken cancellationToken)
    {
        try
        {
            return await Matching(select).LabelNamesAsync(request, cancellationToken);
        }
        catch (StoreException e)
        {
            throw Named("LabelNames", e);
        }
    }

    public async Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, SelectParameters select, CancellationToken cancellationToken)
    {
        try
        {
            return await Matching(select).LabelValuesAsync(request, cancellationToken);
        }
        catch (StoreException e)
        {
            throw Named("LabelValues", e);
        }
    }

    public IReadOnlyList<StoreStatus> Stores() => stores();

    /// <summary>The store as far as storeMatch lets the request see it: it never matches a store of this process, which has no address.</summary>
    private IStore Matching(SelectParameters select)
    {
        if (select.StoreMatch.Count == 0) return store;
        return store is ProxyStore proxy ? proxy.WithStoreMatch(select.StoreMatch) : NoStore.Instance;
    }

    /// <summary>The error as a querier of the field words it: which call failed, then why. What the proxy itself decided carries its code.</summary>
    private static StoreException Named(string call, StoreException e) =>
        new(e.Kind, $"proxy {call}(): {(e.Kind is StoreErrorKind.InvalidArgument or StoreErrorKind.Aborted ? StoreErrors.Text(e) : e.Message)}", e);

    private sealed class NamingQuerier(IQuerier inner) : IQuerier
    {
        public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await using IAsyncEnumerator<IReadOnlyList<SampleSeries>> batches = inner.SelectAsync(hints, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (true)
            {
                try
                {
                    if (!await batches.MoveNextAsync()) yield break;
                }
                catch (StoreException e)
                {
                    throw Named("Series", e);
                }

                yield return batches.Current;
            }
        }
    }

    /// <summary>Holds nothing.</summary>
    private sealed class NoStore : IStore
    {
        public static NoStore Instance { get; } = new();

        public string Name => "none";

        public StoreInfo Info { get; } = new() { Component = "none", MinTimeMs = long.MaxValue, MaxTimeMs = long.MinValue };

        public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            yield break;
        }

        public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) => Task.FromResult(LabelsAnswer.Empty);

        public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) => Task.FromResult(LabelsAnswer.Empty);
    }
}
