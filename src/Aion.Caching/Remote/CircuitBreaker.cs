namespace Aion.Caching;

/// <summary>
/// The breaker that <c>set_async_circuit_breaker_config</c> describes. Closed: everything passes, and it opens when too much of an interval
/// of ten seconds fails. Open: nothing passes for a while. Half open: a few pass; one failure opens it again, as many successes as may pass
/// close it. Thread-safe.
/// </summary>
internal sealed class CircuitBreaker(BreakerConfig config, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DefaultOpenDuration = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new(); // guards what follows
    private readonly long _halfOpenMax = Math.Max(1, config.HalfOpenMaxRequests);
    private State _state;
    private DateTimeOffset _until = time.GetUtcNow() + Interval;
    private long _requests, _failures, _failuresInARow, _successesInARow;

    // Results of operations that began in an earlier state do not count.
    private int _generation;

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
    }

    /// <param name="generation">To give back with the result.</param>
    public bool TryEnter(out int generation)
    {
        generation = 0;
        if (!config.Enabled) return true;
        lock (_lock)
        {
            Move(time.GetUtcNow());
            generation = _generation;
            if (_state == State.Open || _state == State.HalfOpen && _requests >= _halfOpenMax) return false;
            _requests++;
            return true;
        }
    }

    public void Report(int generation, bool succeeded)
    {
        if (!config.Enabled) return;
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            Move(now);
            if (generation != _generation) return;
            if (succeeded)
            {
                _failuresInARow = 0;
                if (++_successesInARow >= _halfOpenMax && _state == State.HalfOpen) Become(State.Closed, now + Interval);
                return;
            }

            _failures++;
            _failuresInARow++;
            _successesInARow = 0;
            if (_state == State.HalfOpen || ShouldOpen()) Become(State.Open, now + OpenDuration);
        }
    }

    private TimeSpan OpenDuration => config.OpenDuration > TimeSpan.Zero ? config.OpenDuration : DefaultOpenDuration;

    private bool ShouldOpen() => _requests >= config.MinRequests
        && (_failuresInARow >= config.ConsecutiveFailures || (double)_failures / _requests >= config.FailurePercent);

    private void Move(DateTimeOffset now)
    {
        if (_state == State.HalfOpen || now < _until) return;
        if (_state == State.Open) Become(State.HalfOpen, default);
        else Become(State.Closed, now + Interval);
    }

    private void Become(State state, DateTimeOffset until)
    {
        _state = state;
        _until = until;
        _requests = _failures = _failuresInARow = _successesInARow = 0;
        _generation++;
    }
}
