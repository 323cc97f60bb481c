using System.Diagnostics.CodeAnalysis;

namespace Aion.Hosting;

/// <summary>Lets so many in at once; the rest waits in order of arrival. Thread-safe.</summary>
/// <param name="limit">0 or less: no limit.</param>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asked for holds nothing to free, and a late select may still leave.")]
public sealed class ConcurrencyGate(int limit, GateMetrics metrics)
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
