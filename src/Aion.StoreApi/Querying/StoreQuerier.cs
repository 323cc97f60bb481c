using System.Runtime.CompilerServices;
using Aion.Storage;

namespace Aion.StoreApi;

/// <summary>How the samples of replicas become one series. Upstream: <c>--deduplication.func</c>.</summary>
public enum ReplicaDedup
{
    /// <summary>Not at all: chunks of a series are read one after another.</summary>
    None,

    /// <summary>Stay with one replica, switch over gaps.</summary>
    Penalty,

    /// <summary>Every timestamp of every replica.</summary>
    Chain,
}

/// <summary>What one query wants of its stores beside the selectors.</summary>
public sealed record StoreQuerierOptions
{
    /// <summary>Deduplication, which also needs <see cref="ReplicaLabels"/>; without any it is off.</summary>
    public ReplicaDedup Dedup { get; init; }

    /// <summary>Labels that tell replicas apart; dropped from the answer while deduplicating.</summary>
    public IReadOnlyList<string> ReplicaLabels { get; init; } = [];

    /// <summary>Coarsest resolution allowed, in milliseconds; 0 = raw only.</summary>
    public long MaxResolutionMs { get; init; }

    public PartialResponse PartialResponse { get; init; }

    public string Tenant { get; init; } = "";

    public ShardInfo? Shard { get; init; }

    /// <summary>At most this many series a select; 0 = no limit.</summary>
    public long Limit { get; init; }

    /// <summary>Series that a store puts into one message.</summary>
    public int BatchSize { get; init; } = 64;
}

/// <summary>
/// What the engine reads from, over any store: asks for the aggregates that the function needs, puts the stretches of a series together
/// and hands out series that decode themselves. One for each query. Thread-safe.
/// </summary>
public sealed class StoreQuerier(IStore store, StoreQuerierOptions options) : IQuerier
{
    /// <summary>What upstream queriers send with every select.</summary>
    private static readonly QueryHints WireHints = new() { SeriesHashLabel = "__cf_series_hash__" };

    private readonly SampleBufferPool _pool = new();
    private readonly ReplicaDedup _dedup = options.ReplicaLabels.Count == 0 ? ReplicaDedup.None : options.Dedup;

    public async IAsyncEnumerable<IReadOnlyList<SampleSeries>> SelectAsync(
        SelectHints hints, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FunctionNeeds needs = FunctionNeeds.Of(hints.Query.Function);
        var assembly = new SeriesAssembly();
        var charges = new BatchCharges(hints.Budget, hints.IsReadOnce);
        try
        {
            await foreach (SeriesFrame frame in store.SelectAsync(ToRequest(hints, needs), cancellationToken))
            {
                hints.Warnings.AddRange(frame.Warnings);
                foreach (ChunkSeries series in frame.Series) assembly.Add(series);
                if (assembly.TakeFinished() is not { Count: > 0 } finished) continue;
                charges.Move(finished);
                yield return ToSeries(finished, needs, hints.Query.Function);
            }

            if (assembly.TakeAll() is { Count: > 0 } rest)
            {
                charges.Move(rest);
                yield return ToSeries(rest, needs, hints.Query.Function);
            }

            if (!hints.IsReadOnce) yield break;
            // Who asks for what comes after an empty batch is done with the last one that held something, and its memory can be used again.
            charges.Move([]);
            yield return [];
            charges.Move([]);
        }
        finally
        {
            charges.Release();
        }
    }

    private SelectRequest ToRequest(SelectHints hints, FunctionNeeds needs) => new()
    {
        MinTimeMs = hints.MinTimeMs,
        MaxTimeMs = hints.MaxTimeMs,
        Matchers = hints.Matchers,
        MaxResolutionMs = FunctionNeeds.CapResolution(options.MaxResolutionMs, hints.Query),
        Aggregates = needs.Aggregates,
        PartialResponse = options.PartialResponse,
        SkipChunks = hints.SkipSamples,
        WithoutReplicaLabels = _dedup == ReplicaDedup.None ? [] : options.ReplicaLabels,
        Limit = options.Limit,
        BatchSize = options.BatchSize,
        Shard = options.Shard,
        Hints = WireHints,
        Tenant = options.Tenant,
        Budget = hints.Budget,
        FanOut = hints.FanOut,
    };

    private SampleSeries[] ToSeries(List<ChunkSeries> batch, FunctionNeeds needs, string function)
    {
        var series = new SampleSeries[batch.Count];
        for (var i = 0; i < series.Length; i++)
            series[i] = new StoreSeries(batch[i].Labels, batch[i].Chunks, needs, function, _dedup, _pool);
        return series;
    }
}

/// <summary>
/// The batches of one select that are in use: the last one, and the one before, which its reader may still be working on while it fetched
/// the last one ahead. They draw from the budget, and batches that are read only once give their memory back.
/// </summary>
internal sealed class BatchCharges(MemoryBudget? budget, bool recycles)
{
    private List<ChunkSeries> _before = [], _last = [];
    private long _beforeBytes, _lastBytes;

    /// <summary>Ends the use of the batch before the last one and begins that of a new one.</summary>
    public void Move(List<ChunkSeries> batch)
    {
        if (recycles)
        {
            ChunkBuffer.Release(_before);
            (_before, _last) = (_last, batch);
        }

        if (budget is null) return;
        budget.Release(_beforeBytes);
        (_beforeBytes, _lastBytes) = (_lastBytes, 0);
        long bytes = 0;
        foreach (ChunkSeries series in batch) bytes += SeriesSizes.Of(series);
        budget.Charge(bytes, "chunks of selected series");
        _lastBytes = bytes;
    }

    /// <summary>Ends all charges. Batches of a select that ends early are not recycled: nothing says that they were read.</summary>
    public void Release()
    {
        budget?.Release(_beforeBytes + _lastBytes);
        (_beforeBytes, _lastBytes) = (0, 0);
    }
}
