using System.Globalization;

namespace Aion.Storage;

/// <summary>
/// Bytes that one query or one job may hold. Draw before allocating, by capacity; a budget may draw from a parent (the process).
/// Thread-safe.
/// </summary>
/// <param name="limitBytes">0 = unlimited (still counted).</param>
/// <param name="flag">The flag that raises the limit, named in the error.</param>
public sealed class MemoryBudget(long limitBytes, string flag, MemoryBudget? parent = null) : IDisposable
{
    private long _used;
    private long _peak;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Volatile.Read(ref _used);

    public long PeakBytes => Volatile.Read(ref _peak);

    /// <exception cref="BudgetExceededException">The limit would be passed; nothing was charged.</exception>
    public void Charge(long bytes, string purpose)
    {
        long used = Interlocked.Add(ref _used, bytes);
        if (LimitBytes > 0 && used > LimitBytes)
        {
            Interlocked.Add(ref _used, -bytes);
            throw new BudgetExceededException(string.Create(
                CultureInfo.InvariantCulture,
                $"memory budget exceeded: {purpose} wants {bytes} bytes on top of {used - bytes}, the limit is {LimitBytes} ({flag} raises it)"));
        }

        try
        {
            parent?.Charge(bytes, purpose);
        }
        catch (BudgetExceededException)
        {
            Interlocked.Add(ref _used, -bytes);
            throw;
        }

        long peak = Volatile.Read(ref _peak);
        while (used > peak)
        {
            long seen = Interlocked.CompareExchange(ref _peak, used, peak);
            if (seen == peak) break;
            peak = seen;
        }
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        parent?.Release(bytes);
    }

    /// <summary>Gives everything that is still charged back to the parent.</summary>
    public void Dispose()
    {
        long left = Interlocked.Exchange(ref _used, 0);
        if (left != 0) parent?.Release(left);
    }
}

/// <summary>A query or job asked for more memory than its budget; it fails alone.</summary>
public sealed class BudgetExceededException(string message) : Exception(message);
