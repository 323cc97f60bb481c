using System.Globalization;
using System.Runtime.CompilerServices;
using Aion.Hosting;
using Aion.Storage;
using Prometheus;

namespace Aion.StoreApi;

/// <summary>Most that one select may return; 0 = no limit. Upstream: <c>--store.limits.request-series</c>, <c>--store.limits.request-samples</c>.</summary>
/// <param name="MaxSamples">Counted as 120 for each chunk.</param>
public sealed record StoreLimits(long MaxSeries, long MaxSamples)
{
    public bool IsUnlimited => MaxSeries == 0 && MaxSamples == 0;
}

/// <summary>A store whose selects fail when they return more than the limits allow. What came before the limit has gone out.</summary>
public sealed class LimitedStore : IStore
{
    /// <summary>Samples in a full chunk of Prometheus.</summary>
    private const long SamplesPerChunk = 120;

    private readonly IStore _inner;
    private readonly StoreLimits _limits;
    private readonly Counter.Child _droppedForSeries;
    private readonly Counter.Child _droppedForChunks;

    public LimitedStore(IStore inner, StoreLimits limits, MetricsRegistry metrics)
    {
        _inner = inner;
        _limits = limits;
        Counter dropped = metrics.Factory.CreateCounter(
            "thanos_store_selects_dropped_total", "Number of selects that failed because they returned more than the limits allow.", "reason");
        _droppedForSeries = dropped.WithLabels("series");
        _droppedForChunks = dropped.WithLabels("chunks");
    }

    public string Name => _inner.Name;

    public StoreInfo Info => _inner.Info;

    public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long series = 0, samples = 0;
        await foreach (SeriesFrame frame in _inner.SelectAsync(request, cancellationToken))
        {
            StoreException? refusal = null;
            var allowed = 0;
            for (; allowed < frame.Series.Count && refusal is null; allowed++)
            {
                series++;
                samples += frame.Series[allowed].Chunks.Count * SamplesPerChunk;
                if (_limits.MaxSeries > 0 && series > _limits.MaxSeries) refusal = Refuse("series", _limits.MaxSeries, series, _droppedForSeries);
                else if (_limits.MaxSamples > 0 && samples > _limits.MaxSamples)
                    refusal = Refuse("samples", _limits.MaxSamples, samples, _droppedForChunks);
            }

            if (refusal is null)
            {
                yield return frame;
                continue;
            }

            if (allowed > 1 || frame.Warnings.Count > 0) yield return frame with { Series = [.. frame.Series.Take(allowed - 1)] };
            throw refusal;
        }
    }

    public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken) =>
        _inner.LabelNamesAsync(request, cancellationToken);

    public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken) =>
        _inner.LabelValuesAsync(request, cancellationToken);

    private static StoreException Refuse(string what, long limit, long got, Counter.Child dropped)
    {
        dropped.Inc();
        return new StoreException(
            StoreErrorKind.Unknown, string.Create(CultureInfo.InvariantCulture, $"failed to send {what}: limit {limit} violated (got {got})"));
    }
}
