using Aion.PromQL;

namespace Aion.Query;

/// <summary>Bounds work in time; what runs past it fails as a query timeout.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    /// <param name="timeout">Zero or less has passed already.</param>
    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        _deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.FromMilliseconds(1), time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(caller, _deadline.Token);
    }

    /// <exception cref="PromQLException">Timeout: the deadline passed.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_either.Token);
        }
        catch (Exception e) when (IsOver && e is OperationCanceledException or Storage.StoreException)
        {
            throw new PromQLException(QueryErrorKind.Timeout, "context deadline exceeded", e);
        }
    }

    private bool IsOver => _deadline.IsCancellationRequested && !_caller.IsCancellationRequested;

    public void Dispose()
    {
        _either.Dispose();
        _deadline.Dispose();
    }
}
