using Prometheus;

namespace Aion.Hosting;

/// <summary>Lets so many operations in at once; the rest waits in order of arrival. Thread-safe.</summary>
public sealed class ConcurrencyGate : IDisposable
{
    private readonly SemaphoreSlim? _slots;
    private readonly TimeProvider _time;
    private readonly Gauge _inFlight;
    private readonly Counter _total;
    private readonly Histogram _wait;

    /// <param name="limit">0 or less: no limit.</param>
    /// <param name="prefix">Metric names begin with it; they end as those of the field's gates.</param>
    /// <param name="operation">Plural, such as <c>queries</c>.</param>
    public ConcurrencyGate(int limit, string prefix, string operation, MetricsRegistry metrics)
    {
        _slots = limit > 0 ? new SemaphoreSlim(limit) : null;
        _time = metrics.Time;
        metrics.Factory.CreateGauge($"{prefix}gate_{operation}_max", $"Maximum number of concurrent {operation}.").Set(Math.Max(limit, 0));
        _inFlight = metrics.Factory.CreateGauge($"{prefix}gate_{operation}_in_flight", $"Number of {operation} that are currently in flight.");
        _total = metrics.Factory.CreateCounter($"{prefix}gate_{operation}_total", $"Total number of {operation}.");
        _wait = metrics.Histogram(
            $"{prefix}gate_{operation}_duration_seconds", $"How many seconds it took for {operation} to wait at the gate.",
            [0.01, 0.1, 0.3, 0.6, 1, 3, 6, 9, 20, 30, 60, 90, 120, 240, 360, 720]);
    }

    /// <returns>Leaves the gate when disposed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled while waiting.</exception>
    public async Task<Pass> EnterAsync(CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        if (_slots is not null) await _slots.WaitAsync(cancellationToken);
        TimeSpan waited = _time.GetElapsedTime(started);
        _wait.Observe(waited.TotalSeconds);
        _total.Inc();
        _inFlight.Inc();
        return new Pass(this, waited);
    }

    public void Dispose() => _slots?.Dispose();

    private void Leave()
    {
        _inFlight.Dec();
        _slots?.Release();
    }

    /// <summary>One operation inside the gate.</summary>
    public sealed class Pass : IDisposable
    {
        private readonly ConcurrencyGate _gate;
        private int _left;

        internal Pass(ConcurrencyGate gate, TimeSpan waited)
        {
            _gate = gate;
            Waited = waited;
        }

        public TimeSpan Waited { get; }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) _gate.Leave();
        }
    }
}
