using System.Globalization;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>What one request may read; 0 = no limit.</summary>
internal sealed record RequestLimitOptions(long Series, long Chunks, long Bytes);

/// <summary>Counts what one request reads, over all of its blocks, before it is fetched. Thread-safe.</summary>
internal sealed class RequestLimits(RequestLimitOptions options, StoreGatewayMetrics metrics, string tenant)
{
    private readonly Usage _series = new(), _chunks = new(), _bytes = new();

    public void Series(long count) => Count(_series, count, options.Series, "series");

    public void Chunks(long count) => Count(_chunks, count, options.Chunks, "chunks");

    public void Bytes(long count) => Count(_bytes, count, options.Bytes, "bytes");

    private void Count(Usage usage, long more, long limit, string what)
    {
        long now;
        lock (usage)
        {
            usage.Count += more;
            if (limit <= 0 || usage.Count <= limit) return;
            // Blocks that go on counting meanwhile tell the number that went over first, so an answer does not depend on who is heard.
            now = usage.Violation ??= usage.Count;
        }

        metrics.QueriesDropped.WithLabels(what, tenant).Inc();
        throw new StoreException(
            StoreErrorKind.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"exceeded {what} limit: limit {limit} violated (got {now})"));
    }

    private sealed class Usage
    {
        public long Count { get; set; }

        public long? Violation { get; set; }
    }
}
