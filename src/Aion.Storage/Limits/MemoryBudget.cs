using System.Globalization;

namespace Aion.Storage;

/// <summary>
/// Bytes that one query or one job may hold. Draw before allocating, by capacity; a budget may draw from a parent (the process).
/// Thread-safe.
/// </summary>
/// <param name="limitBytes">0 = unlimited (still counted).</param>
/// <param name="flag">The flag that raises the limit, named in the error.</param>
/// <param name="holder">Whose limit it is, named in the error; empty: that of the one who asks.</param>
public sealed class MemoryBudget(long limitBytes, string flag, MemoryBudget? parent = null, string holder = "") : IDisposable
{
    // A refused charge must never be seen by others as used, not even for a moment: they would fail in its stead.
    private readonly Lock _lock = new();
    private long _used;
    private long _peak;
    private bool _disposed;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Volatile.Read(ref _used);

    public long PeakBytes => Volatile.Read(ref _peak);

    /// <exception cref="BudgetExceededException">The limit would be passed; nothing was charged.</exception>
    /// <exception cref="ObjectDisposedException">The query or job is over.</exception>
    public void Charge(long bytes, string purpose)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (LimitBytes > 0 && bytes > LimitBytes - _used) throw Exceeded(bytes, purpose);
            parent?.Charge(bytes, purpose);
            _used += bytes;
            if (_used > _peak) _peak = _used;
        }
    }

    /// <summary>Gives back what was charged. After <see cref="Dispose"/> there is nothing left to give.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            if (_disposed) return;
            _used -= bytes;
            parent?.Release(bytes);
        }
    }

    /// <summary>Gives everything that is still charged back to the parent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            parent?.Release(_used);
            _used = 0;
        }
    }

    private BudgetExceededException Exceeded(long bytes, string purpose)
    {
        string whose = holder.Length == 0 ? "" : $" of {holder}";
        return new BudgetExceededException(string.Create(
            CultureInfo.InvariantCulture,
            $"memory budget{whose} exceeded: {purpose} wants {bytes} bytes on top of {_used}, the limit is {LimitBytes} ({flag} raises it)"));
    }
}

/// <summary>A query or job asked for more memory than its budget; it fails alone.</summary>
public sealed class BudgetExceededException(string message) : Exception(message);
