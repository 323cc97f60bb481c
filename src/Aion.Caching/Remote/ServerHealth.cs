namespace Aion.Caching;

/// <summary>
/// Whether a server is used: the first failure takes it out for a second, a failed look at it for twice as long as before, up to half a
/// minute. While it is out nobody waits for it; once its time has come, one caller is asked to look at it in the background. One that comes
/// back and fails again soon has a relapse: it stays out longer than before, and that is no news. Thread-safe.
/// </summary>
/// <param name="random">Spreads the looks of many processes; values in <c>[0, 1)</c>.</param>
internal sealed class ServerHealth(TimeProvider time, Func<double> random)
{
    internal static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>One that was well for so long has recovered.</summary>
    internal static readonly TimeSpan Recovery = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new(); // guards what follows
    private TimeSpan _pause = FirstPause;
    private DateTimeOffset _outSince;
    private DateTimeOffset _backSince = DateTimeOffset.MinValue;
    private bool _hadRelapse;
    private DateTimeOffset _nextLook;
    private bool _looking;

    // Read without the lock on the way of every operation.
    private volatile bool _isOut;

    public bool IsUsed => !_isOut;

    /// <summary>True for the one caller who shall look at the server now.</summary>
    public bool TryStartLook()
    {
        if (!_isOut) return false;
        lock (_lock)
        {
            if (!_isOut || _looking || time.GetUtcNow() < _nextLook) return false;
            _looking = true;
            return true;
        }
    }

    /// <summary>An operation failed.</summary>
    /// <param name="isNews">False for a relapse.</param>
    /// <returns>True when that took the server out.</returns>
    public bool Failed(out bool isNews)
    {
        isNews = false;
        lock (_lock)
        {
            if (_isOut) return false;
            _outSince = time.GetUtcNow();
            _hadRelapse = _outSince - _backSince < Recovery;
            _pause = _hadRelapse ? Longer(_pause) : FirstPause;
            _nextLook = _outSince + Spread(_pause);
            _isOut = true;
            isNews = !_hadRelapse;
            return true;
        }
    }

    /// <summary>A look ended.</summary>
    /// <param name="outFor">How long the server was out, where it is back.</param>
    /// <param name="isNews">False for a relapse.</param>
    /// <returns>True when the server is back.</returns>
    public bool Looked(bool answered, out TimeSpan outFor, out bool isNews)
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            outFor = now - _outSince;
            isNews = !_hadRelapse;
            _looking = false;
            if (answered)
            {
                _backSince = now;
                _isOut = false;
                return true;
            }

            _pause = Longer(_pause);
            _nextLook = now + Spread(_pause);
            return false;
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));

    private TimeSpan Spread(TimeSpan pause) => pause * (0.75 + random() / 4);
}
