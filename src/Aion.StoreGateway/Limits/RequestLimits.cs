using System.Globalization;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>What one request may read; 0 = no limit.</summary>
internal sealed record RequestLimitOptions(long Series, long Chunks, long Bytes);

/// <summary>Counts what one request reads, over all of its blocks, before it is fetched. Thread-safe.</summary>
internal sealed class RequestLimits(RequestLimitOptions options, StoreGatewayMetrics metrics)
{
    private long _series;
    private long _chunks;
    private long _bytes;

    public void Series(long count) => Count(ref _series, count, options.Series, "series");

    public void Chunks(long count) => Count(ref _chunks, count, options.Chunks, "chunks");

    public void Bytes(long count) => Count(ref _bytes, count, options.Bytes, "bytes");

    private void Count(ref long used, long more, long limit, string what)
    {
        long now = Interlocked.Add(ref used, more);
        if (limit <= 0 || now <= limit) return;
        metrics.QueriesDropped.WithLabels(what).Inc();
        throw new StoreException(
            StoreErrorKind.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"exceeded {what} limit: limit {limit} violated (got {now})"));
    }
}
