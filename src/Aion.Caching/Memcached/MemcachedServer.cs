using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Aion.Caching;

/// <summary>A memcached server with its kept connections.</summary>
internal sealed class MemcachedServer(string address, MemcachedConfig config, RemoteCacheMetrics metrics, TimeProvider time) : ICacheServer, IDisposable
{
    /// <summary>What a value may have where the settings have no limit.</summary>
    private const long MaxItemBytes = 128L << 20;

    private readonly ConcurrentStack<MemcachedConnection> _idle = new();
    private volatile bool _isDisposed;

    public string Address => address;

    public async Task<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        long most = config.MaxItemBytes > 0 ? config.MaxItemBytes : MaxItemBytes;
        (byte[]?[] values, int tooLarge) = await RunAsync(c => c.GetAsync(keys, most, cancellationToken), cancellationToken);
        for (var i = 0; i < tooLarge; i++) metrics.ItemTooLarge(RemoteCacheMetrics.Get);
        return values;
    }

    public Task<int> SetAsync(IReadOnlyList<PendingSet> values, CancellationToken cancellationToken) =>
        RunAsync(c => c.SetAsync(values, time.GetUtcNow(), cancellationToken), cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => RunAsync(async c =>
    {
        await c.VersionAsync(cancellationToken);
        return true;
    }, cancellationToken);

    public void Dispose()
    {
        _isDisposed = true;
        Forget();
    }

    /// <summary>Runs an operation on a kept connection, and once more on a new one where the kept one turns out to be closed.</summary>
    private async Task<T> RunAsync<T>(Func<MemcachedConnection, Task<T>> operation, CancellationToken cancellationToken)
    {
        if (_idle.TryPop(out MemcachedConnection? kept))
        {
            try
            {
                return await RunOnAsync(kept, operation);
            }
            catch (CacheException e) when (e.Fault == CacheFault.NetworkError && kept.WasStale)
            {
                // The others are as old.
                Forget();
            }
        }

        return await RunOnAsync(await ConnectAsync(address, cancellationToken), operation);
    }

    private async Task<T> RunOnAsync<T>(MemcachedConnection connection, Func<MemcachedConnection, Task<T>> operation)
    {
        var healthy = false;
        try
        {
            T result = await operation(connection);
            healthy = true;
            return result;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new CacheException(CacheFault.NetworkError, e.Message, e);
        }
        finally
        {
            if (healthy && !_isDisposed && _idle.Count < config.MaxIdleConnections) _idle.Push(connection);
            else connection.Dispose();
        }
    }

    internal static async Task<MemcachedConnection> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            return await MemcachedConnection.ConnectAsync(address, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new CacheException(CacheFault.NetworkError, e.Message, e);
        }
    }

    private void Forget()
    {
        while (_idle.TryPop(out MemcachedConnection? connection)) connection.Dispose();
    }
}
