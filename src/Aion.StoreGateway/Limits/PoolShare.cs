using System.Globalization;

namespace Aion.StoreGateway;

/// <summary>What one Series call has of the <see cref="ChunkPool"/>: a reservation, and how much of it is in use. Thread-safe.</summary>
/// <param name="reservedBytes">Taken from the pool already.</param>
internal sealed class PoolShare(ChunkPool pool, long ticket, long reservedBytes) : IRequestMemory
{
    private readonly Lock _lock = new();
    private long _reserved = reservedBytes;
    private long _used;
    private long _peak;
    private bool _isSettled;
    private bool _isOver;

    public long UsedBytes
    {
        get
        {
            lock (_lock) return _used;
        }
    }

    public void Charge(long bytes, string purpose)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            Grow(_used + bytes, purpose);
            _used += bytes;
            _peak = Math.Max(_peak, _used);
        }
    }

    public void Release(long bytes)
    {
        lock (_lock)
        {
            if (!_isOver) _used -= bytes;
        }
    }

    public void Settle(long bytes, string purpose)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isOver, this);
            Grow(_used + bytes, purpose);
            _isSettled = true;
            _peak = Math.Max(_peak, _used + bytes);
            // What was thought to be needed and is not lets others in.
            long spare = _reserved - _used - bytes;
            if (spare <= 0) return;
            _reserved -= spare;
            pool.GiveBack(spare);
        }
    }

    public async Task BeginAnewAsync(PoolFullException full, CancellationToken cancellationToken)
    {
        long wanted;
        lock (_lock)
        {
            // Twice as much at least, so that it does not begin anew more often than the pool can be halved.
            wanted = Math.Min(pool.LimitBytes, Math.Max(full.NeededBytes, 2 * _reserved));
            _used = 0;
            pool.GiveBack(_reserved);
            _reserved = 0;
        }

        await pool.WaitAsync(ticket, wanted, cancellationToken);
        lock (_lock) _reserved = wanted;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_isOver) return;
            _isOver = true;
            pool.GiveBack(_reserved);
            pool.Learn(_peak);
        }
    }

    private void Grow(long needed, string purpose)
    {
        if (needed <= _reserved) return;
        if (pool.LimitBytes > 0 && needed > pool.LimitBytes)
            throw pool.Refused(Describe($"this call alone needs {needed} bytes of it, for {purpose} among others"));
        long more = needed - _reserved;
        if (pool.TryTake(Math.Max(more, ChunkPool.StepBytes))) more = Math.Max(more, ChunkPool.StepBytes);
        else if (!pool.TryTake(more))
        {
            if (!_isSettled) throw new PoolFullException(needed);
            throw pool.Refused(Describe($"this call needs {more} bytes more than it was thought to, for {purpose}, on top of {_reserved}"));
        }

        _reserved += more;
    }

    private string Describe(FormattableString what) => string.Create(
        CultureInfo.InvariantCulture, $"{what.ToString(CultureInfo.InvariantCulture)}, and it has {pool.LimitBytes}");
}
