using System.Diagnostics.CodeAnalysis;
using Aion.Hosting;
using Prometheus;

namespace Aion.Query;

/// <summary>What the gates of one kind count together, under the names of the field's gates.</summary>
internal sealed class GateMetrics
{
    private readonly TimeProvider _time;
    private readonly Gauge _inFlight;
    private readonly Counter _total;
    private readonly Prometheus.Histogram _wait;

    /// <param name="prefix">Metric names begin with it, for example <c>thanos_query_concurrent_</c>.</param>
    /// <param name="operation">What passes the gate, in the plural.</param>
    /// <param name="limit">0 or less: no limit.</param>
    public GateMetrics(MetricsRegistry metrics, string prefix, string operation, int limit)
    {
        _time = metrics.Time;
        metrics.Factory.CreateGauge($"{prefix}gate_{operation}_max", $"Maximum number of concurrent {operation}.").Set(Math.Max(limit, 0));
        _inFlight = metrics.Factory.CreateGauge($"{prefix}gate_{operation}_in_flight", $"Number of {operation} that are currently in flight.");
        _total = metrics.Factory.CreateCounter($"{prefix}gate_{operation}_total", $"Total number of {operation}.");
        _wait = metrics.Histogram(
            $"{prefix}gate_{operation}_duration_seconds", $"How many seconds it took for {operation} to wait at the gate.",
            [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720]);
    }

    public long Now() => _time.GetTimestamp();

    public TimeSpan Entered(long arrived)
    {
        TimeSpan waited = _time.GetElapsedTime(arrived);
        _wait.Observe(waited.TotalSeconds);
        _total.Inc();
        _inFlight.Inc();
        return waited;
    }

    public void Left() => _inFlight.Dec();
}

/// <summary>Lets so many in at once; the rest waits in order of arrival. Thread-safe.</summary>
/// <param name="limit">0 or less: no limit.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asked for holds nothing to free, and a late select may still leave.")]
internal sealed class QueryGate(int limit, GateMetrics metrics)
{
    private readonly SemaphoreSlim? _slots = limit > 0 ? new SemaphoreSlim(limit) : null;

    /// <returns>Leaves the gate when disposed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled while waiting.</exception>
    public async Task<Pass> EnterAsync(CancellationToken cancellationToken)
    {
        long arrived = metrics.Now();
        if (_slots is not null) await _slots.WaitAsync(cancellationToken);
        return new Pass(this, metrics.Entered(arrived));
    }

    private void Leave()
    {
        metrics.Left();
        _slots?.Release();
    }

    /// <summary>One of those inside the gate.</summary>
    public sealed class Pass(QueryGate gate, TimeSpan waited) : IDisposable
    {
        private int _left;

        public TimeSpan Waited => waited;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) gate.Leave();
        }
    }
}
