using System.Threading.Channels;
using Aion.Hosting;

namespace Aion.Caching;

/// <summary>
/// Values that wait to be stored. What does not fit, by count or by bytes, is dropped: a cache that cannot keep up costs neither time nor
/// memory.
/// </summary>
internal sealed class SetQueue : IAsyncDisposable
{
    /// <summary>All values that wait together; the setting counts values, and ten thousand of them can be gigabytes.</summary>
    internal const long MaxBytes = 64L << 20;

    /// <summary>No more values go along once a batch has so many bytes, so that it is stored well within its time.</summary>
    private const long BatchBytes = 1 << 20;

    private readonly IServerPool _pool;
    private readonly RemoteCacheOptions _options;
    private readonly RemoteCacheMetrics _metrics;
    private readonly CircuitBreaker _breaker;
    private readonly ConcurrencyGate? _gate;
    private readonly Channel<PendingSet> _waiting;
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly Task _workers;
    private long _bytes;

    public SetQueue(IServerPool pool, RemoteCacheOptions options, RemoteCacheMetrics metrics, CacheContext context)
    {
        _pool = pool;
        _options = options;
        _metrics = metrics;
        _time = context.Time;
        _breaker = new CircuitBreaker(options.SetBreaker, context.Time);
        if (options.MaxSets is { } most)
            _gate = new ConcurrencyGate(most, new GateMetrics(context.Factory, context.Time, $"thanos_{metrics.Kind}_setmulti_", "sets", most));
        _waiting = Channel.CreateBounded<PendingSet>(options.BufferedSets);
        _workers = Task.WhenAll(Enumerable.Range(0, options.SetWorkers).Select(_ => Task.Run(StoreAsync)));
    }

    /// <returns>False when it does not fit and is dropped.</returns>
    public bool TryAdd(PendingSet value)
    {
        if (Interlocked.Add(ref _bytes, value.Value.Length) <= MaxBytes && _waiting.Writer.TryWrite(value)) return true;
        Interlocked.Add(ref _bytes, -value.Value.Length);
        return false;
    }

    /// <summary>Stores what waits, as far as that goes within the time that one store may take.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        using var grace = new CancellationTokenSource(_options.SetTimeout, _time);
        await using CancellationTokenRegistration _ = grace.Token.Register(_stop.Cancel);
        try
        {
            await _workers;
        }
        catch (OperationCanceledException)
        {
            // The rest is not stored; a cache may forget.
        }

        _stop.Dispose();
    }

    private async Task StoreAsync()
    {
        var batch = new List<PendingSet>();
        while (await _waiting.Reader.WaitToReadAsync(_stop.Token))
        {
            batch.Clear();
            long bytes = 0;
            while (bytes < BatchBytes && (_options.SetBatch == 0 || batch.Count < _options.SetBatch) && _waiting.Reader.TryRead(out PendingSet next))
            {
                batch.Add(next);
                bytes += next.Value.Length;
            }

            foreach (IGrouping<GuardedServer?, PendingSet> group in batch.GroupBy(s => _pool.ServerOf(s.Key))) await StoreAsync(group.Key, [.. group]);
            Interlocked.Add(ref _bytes, -bytes);
        }
    }

    private async Task StoreAsync(GuardedServer? server, PendingSet[] values)
    {
        // It may have failed while they waited.
        if (server is not { IsUsable: true })
        {
            _metrics.Bypassed(RemoteCacheMetrics.Set, values.Length);
            return;
        }

        if (!_breaker.TryEnter(out int generation))
        {
            _metrics.HeldBack(values.Length);
            return;
        }

        var stored = false;
        try
        {
            using ConcurrencyGate.Pass? _ = _gate is null ? null : await _gate.EnterAsync(_stop.Token);
            stored = await server.SetAsync(values, _stop.Token);
        }
        finally
        {
            _breaker.Report(generation, stored);
        }
    }
}
