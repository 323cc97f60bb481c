using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>What one request holds of memory. Draw before allocating, by capacity. Thread-safe. Disposing gives everything back.</summary>
internal interface IRequestMemory : IDisposable
{
    /// <exception cref="PoolFullException">There is no room now; the request has to give back what it holds and begin anew.</exception>
    /// <exception cref="BudgetExceededException">There will never be, or the request has gone too far to begin anew.</exception>
    void Charge(long bytes, string purpose);

    void Release(long bytes);

    /// <summary>Makes sure of what the rest of the request takes, before the first part of the answer goes out.</summary>
    /// <param name="bytes">On top of what is charged.</param>
    /// <inheritdoc cref="Charge" path="/exception"/>
    void Settle(long bytes, string purpose);

    /// <summary>Gives everything back and waits for so much.</summary>
    /// <exception cref="BudgetExceededException">It did not come in time.</exception>
    Task BeginAnewAsync(PoolFullException full, CancellationToken cancellationToken);
}

/// <summary>The pool has no room now for what a request that may begin anew asked for.</summary>
/// <param name="neededBytes">What it would have held then.</param>
internal sealed class PoolFullException(long neededBytes) : Exception($"the chunk pool has no room now for a call that needs {neededBytes} bytes")
{
    public long NeededBytes => neededBytes;
}

/// <summary>The memory of a query in this process: its own budget decides, and nobody waits.</summary>
internal sealed class QueryMemory(MemoryBudget budget) : IRequestMemory
{
    private long _held;

    public void Charge(long bytes, string purpose)
    {
        budget.Charge(bytes, purpose);
        Interlocked.Add(ref _held, bytes);
    }

    public void Release(long bytes)
    {
        budget.Release(bytes);
        Interlocked.Add(ref _held, -bytes);
    }

    public void Settle(long bytes, string purpose)
    {
    }

    public Task BeginAnewAsync(PoolFullException full, CancellationToken cancellationToken) => throw new NotSupportedException(full.Message);

    public void Dispose() => budget.Release(Interlocked.Exchange(ref _held, 0));
}
