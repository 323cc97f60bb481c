using System.Globalization;
using Aion.Storage;

namespace Aion.StoreGateway;

/// <summary>
/// The memory that all Series calls share. A call reserves what it is thought to take before it holds anything, and waits for that in
/// order of arrival. A call inside that needs more gets what is free at once, or gives all back, takes its old place in the queue and
/// begins anew with a larger reservation. So who waits holds nothing, and who holds never waits: no circle of waits can form
/// (docs/adr/0023). Thread-safe.
/// </summary>
/// <param name="limitBytes">0: no limit; nobody waits.</param>
/// <param name="maxWait">Then the call is refused: the one it waits for may itself wait for its client, who waits for this one.</param>
internal sealed class ChunkPool(long limitBytes, TimeSpan maxWait, ChunkPoolMetrics metrics, TimeProvider time)
{
    public const string Flag = "--chunk-pool-size";

    /// <summary>Reservations are made in such steps, so that growing does not take the lock for each series.</summary>
    public const long StepBytes = 256 * 1024;

    private readonly Lock _lock = new();

    // All guarded by the lock. The queue is ascending by ticket.
    private readonly LinkedList<Waiter> _queue = new();
    private long _reserved;
    private long _tickets;
    private double _usual = Math.Max(StepBytes, limitBytes / 64.0);

    public long LimitBytes => limitBytes;

    public long ReservedBytes
    {
        get
        {
            lock (_lock) return _reserved;
        }
    }

    public int Waiting
    {
        get
        {
            lock (_lock) return _queue.Count;
        }
    }

    /// <summary>Waits until there is room for what calls usually take.</summary>
    /// <exception cref="BudgetExceededException">There was none in time.</exception>
    public async Task<PoolShare> EnterAsync(CancellationToken cancellationToken)
    {
        long ticket, usual;
        lock (_lock)
        {
            ticket = _tickets++;
            usual = limitBytes <= 0 ? 0 : Math.Min((long)_usual, limitBytes / 2);
        }

        await WaitAsync(ticket, usual, cancellationToken);
        return new PoolShare(this, ticket, usual);
    }

    /// <summary>For a share that holds nothing any more.</summary>
    /// <exception cref="BudgetExceededException">There was no room in time.</exception>
    internal async Task WaitAsync(long ticket, long bytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (limitBytes <= 0 || (bytes <= limitBytes - _reserved && (_queue.First is null || _queue.First.Value.Ticket > ticket)))
            {
                Take(bytes);
                return;
            }

            waiter = Enqueue(ticket, bytes);
        }

        long started = time.GetTimestamp();
        try
        {
            await waiter.Granted.Task.WaitAsync(maxWait, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // It may have been granted in the same moment. Then it is taken or, when nobody wants it any more, given back.
            bool isGranted = !Abandon(waiter);
            if (e is TimeoutException && isGranted) return;
            if (e is TimeoutException) throw TooLate(bytes);
            if (isGranted) GiveBack(bytes);
            throw;
        }
        finally
        {
            metrics.Waited(time.GetElapsedTime(started));
        }
    }

    /// <summary>More for a share that holds something: now or not at all. It goes before those who wait, for it will leave the sooner.</summary>
    internal bool TryTake(long bytes)
    {
        lock (_lock)
        {
            if (limitBytes > 0 && bytes > limitBytes - _reserved) return false;
            Take(bytes);
            return true;
        }
    }

    internal void GiveBack(long bytes)
    {
        lock (_lock)
        {
            Take(-bytes);
            Admit();
        }
    }

    /// <summary>A call is over; what it took at most says what the next will.</summary>
    internal void Learn(long peakBytes)
    {
        lock (_lock) _usual = Math.Max(StepBytes, _usual + ((peakBytes - _usual) / 8));
    }

    internal BudgetExceededException Refused(string why)
    {
        metrics.Refused.Inc();
        return new BudgetExceededException($"the chunk pool of all Series calls is exceeded: {why} ({Flag} raises it)");
    }

    private void Take(long bytes)
    {
        _reserved += bytes;
        metrics.Reserved.Set(_reserved);
    }

    private Waiter Enqueue(long ticket, long bytes)
    {
        var waiter = new Waiter(ticket, bytes);
        LinkedListNode<Waiter>? after = _queue.Last;
        while (after is not null && after.Value.Ticket > ticket) after = after.Previous;
        if (after is null) _queue.AddFirst(waiter);
        else _queue.AddAfter(after, waiter);
        metrics.Waiting.Set(_queue.Count);
        return waiter;
    }

    /// <summary>Lets in from the front. Nobody overtakes: a large call would wait for ever behind small ones.</summary>
    private void Admit()
    {
        while (_queue.First is { Value: var first } && first.Bytes <= limitBytes - _reserved)
        {
            _queue.RemoveFirst();
            Take(first.Bytes);
            first.Granted.SetResult();
        }

        metrics.Waiting.Set(_queue.Count);
    }

    /// <summary>False when the waiter has been let in.</summary>
    private bool Abandon(Waiter waiter)
    {
        lock (_lock)
        {
            if (!_queue.Remove(waiter)) return false;
            Admit();
            return true;
        }
    }

    private BudgetExceededException TooLate(long bytes)
    {
        lock (_lock)
        {
            return Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"this call waited {maxWait.TotalSeconds:0.#} s for {bytes} bytes, {_reserved} of {limitBytes} are taken and {_queue.Count} calls wait"));
        }
    }

    private sealed record Waiter(long Ticket, long Bytes)
    {
        /// <summary>Continuations run elsewhere: this is set under the lock.</summary>
        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
