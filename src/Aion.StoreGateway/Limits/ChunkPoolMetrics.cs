using Aion.Hosting;
using Prometheus;

namespace Aion.StoreGateway;

/// <summary>What the chunk pool tells of itself.</summary>
internal sealed class ChunkPoolMetrics
{
    private readonly Histogram _waits;

    public ChunkPoolMetrics(MetricsRegistry metrics, long limitBytes)
    {
        const string P = "aion_store_chunk_pool_";
        metrics.Factory.CreateGauge(P + "limit_bytes", "What --chunk-pool-size allows; 0 for no limit.").Set(limitBytes);
        Reserved = metrics.Factory.CreateGauge(P + "reserved_bytes", "Bytes of the chunk pool that Series calls have reserved.");
        Waiting = metrics.Factory.CreateGauge(P + "waiting_calls", "Series calls that wait for room in the chunk pool.");
        Refused = metrics.Factory.CreateCounter(P + "refused_calls_total", "Series calls that the chunk pool had no room for, at all or in time.");
        _waits = metrics.Histogram(P + "wait_seconds", "How long Series calls that had to wait for the chunk pool waited.", [0.01, 0.1, 0.3, 1, 3, 10, 30, 60, 120]);
    }

    public Gauge Reserved { get; }

    public Gauge Waiting { get; }

    public Counter Refused { get; }

    public void Waited(TimeSpan time) => _waits.Observe(time.TotalSeconds);
}
