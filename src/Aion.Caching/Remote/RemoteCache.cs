using System.Runtime.InteropServices;
using Aion.Hosting;

namespace Aion.Caching;

/// <summary>A cache in other processes. Looks up in batches, several at a time, and stores in the background.</summary>
internal sealed class RemoteCache : ICache
{
    private readonly IServerPool _pool;
    private readonly RemoteCacheOptions _options;
    private readonly RemoteCacheMetrics _metrics;
    private readonly ConcurrencyGate _gate;
    private readonly SetQueue _sets;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RemoteCache(IServerPool pool, RemoteCacheOptions options, RemoteCacheMetrics metrics, CacheContext context)
    {
        _pool = pool;
        _options = options;
        _metrics = metrics;
        _gate = new ConcurrencyGate(
            options.MaxGets, new GateMetrics(context.Factory, context.Time, $"thanos_{metrics.Kind}_getmulti_", "gets", options.MaxGets));
        _sets = new SetQueue(pool, options, metrics, context);
        _running = pool.RunAsync(_stop.Token);
    }

    public bool IsAvailable
    {
        get
        {
            var any = false;
            // All are asked, so that each that is out is looked at in time.
            foreach (GuardedServer server in _pool.Servers) any |= server.IsUsable;
            return any;
        }
    }

    public bool IsTrusted => false;

    public async ValueTask<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var values = new byte[]?[keys.Count];
        if (keys.Count > 0 && IsAvailable)
        {
            List<Task> batches = [];
            foreach ((GuardedServer server, List<int> indexes) in ByServer(keys))
            {
                int size = _options.GetBatch > 0 ? _options.GetBatch : indexes.Count;
                for (var at = 0; at < indexes.Count; at += size)
                    batches.Add(GetBatchAsync(server, keys, indexes, at, Math.Min(size, indexes.Count - at), values, cancellationToken));
            }

            await Task.WhenAll(batches);
        }

        _metrics.Looked(keys.Count, values.Count(v => v is not null));
        return values;
    }

    public void Set(string key, byte[] value, TimeSpan timeToLive)
    {
        if (timeToLive < TimeSpan.FromSeconds(1)) return;
        if (_options.MaxItemBytes > 0 && value.Length > _options.MaxItemBytes) _metrics.ItemTooLarge(RemoteCacheMetrics.Set);
        else if (!_pool.CanHold(key)) _metrics.BadKey(RemoteCacheMetrics.Set);
        else if (_pool.ServerOf(key) is not { IsUsable: true }) _metrics.Bypassed(RemoteCacheMetrics.Set);
        else if (!_sets.TryAdd(new PendingSet(key, value, timeToLive))) _metrics.Dropped();
    }

    public async ValueTask DisposeAsync()
    {
        await _sets.DisposeAsync();
        await _stop.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // That is how it was asked to end.
        }

        await _pool.DisposeAsync();
        _stop.Dispose();
    }

    private Dictionary<GuardedServer, List<int>> ByServer(IReadOnlyList<string> keys)
    {
        var byServer = new Dictionary<GuardedServer, List<int>>();
        for (var i = 0; i < keys.Count; i++)
        {
            if (!_pool.CanHold(keys[i]))
            {
                _metrics.BadKey(RemoteCacheMetrics.Get);
                continue;
            }

            if (_pool.ServerOf(keys[i]) is not { } server) continue;
            ref List<int>? indexes = ref CollectionsMarshal.GetValueRefOrAddDefault(byServer, server, out _);
            (indexes ??= []).Add(i);
        }

        return byServer;
    }

    private async Task GetBatchAsync(
        GuardedServer server, IReadOnlyList<string> keys, List<int> indexes, int from, int count, byte[]?[] values, CancellationToken cancellationToken)
    {
        using ConcurrencyGate.Pass _ = await _gate.EnterAsync(cancellationToken);
        var asked = new string[count];
        for (var i = 0; i < count; i++) asked[i] = keys[indexes[from + i]];
        byte[]?[] found = await server.GetAsync(asked, cancellationToken);
        for (var i = 0; i < count; i++) values[indexes[from + i]] = found[i];
    }
}
