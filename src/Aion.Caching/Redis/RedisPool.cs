using System.Net;
using Aion.Hosting;
using StackExchange.Redis;

namespace Aion.Caching;

/// <summary>
/// One Redis server, the master that sentinels name, or the nodes of a cluster. Connects in the background; a server that is not there yet
/// is one that fails.
/// </summary>
internal sealed class RedisPool : IServerPool
{
    private static readonly TimeSpan ConnectPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClusterAge = TimeSpan.FromSeconds(1);

    private readonly RedisConfig _config;
    private readonly CacheContext _context;
    private readonly RemoteCacheMetrics _metrics;
    private readonly GuardedServer _whole;
    private readonly RedisNodes _nodes;

    // The attempt under way, or the connection; replaced when it failed.
    private volatile Task<ConnectionMultiplexer> _connecting;

    // What the nodes say of their cluster, and when they were asked last; null when there is no cluster.
    private volatile ClusterConfiguration? _cluster;
    private long _clusterRead;

    public RedisPool(RedisConfig config, RemoteCacheMetrics metrics, CacheContext context)
    {
        _config = config;
        _context = context;
        _metrics = metrics;
        _nodes = new RedisNodes(node => Open(node.ToString()!, isClusterNode: true), gone => metrics.ServerGone(gone.Address));
        _whole = Open(string.Join(',', config.Addresses), isClusterNode: false);
        _connecting = Connect();
    }

    /// <summary>The nodes that keys were looked for at; before the first, the whole.</summary>
    public IReadOnlyList<GuardedServer> Servers => _nodes.All is { Count: > 0 } nodes ? nodes : [_whole];

    public GuardedServer? ServerOf(string key)
    {
        if (Cluster() is not { } cluster) return _whole;
        EndPoint? node = cluster.GetBySlot(_config.Prefix + key)?.EndPoint;
        return node is null ? null : _nodes.Of(node);
    }

    public bool CanHold(string key) => true;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _connecting.WaitAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Sentinels that cannot be reached, for one; operations fail meanwhile, and the first says so.
                _context.Logger.Debug("connecting to redis failed", [("name", _context.Name), ("server", _whole.Address), ("err", e.Message)]);
            }

            await Task.Delay(ConnectPause, _context.Time, cancellationToken);
            _connecting = Connect();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task closing = CloseAsync(_connecting);
        // An attempt that is still under way ends by its own timeout; nobody waits for that.
        if (_connecting.IsCompleted) await closing;
    }

    private static async Task CloseAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            ConnectionMultiplexer connection = await connecting;
            await connection.CloseAsync(allowCommandsToComplete: false);
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is RedisException or ObjectDisposedException or TimeoutException)
        {
            // It never was connected, or is gone already.
        }
    }

    private Task<ConnectionMultiplexer> Connect() => Task.Run(() => ConnectionMultiplexer.ConnectAsync(RedisOptions.Of(_config)));

    private ClusterConfiguration? Cluster()
    {
        long read = Volatile.Read(ref _clusterRead);
        if (read != 0 && _context.Time.GetElapsedTime(read) < ClusterAge) return _cluster;
        if (!_connecting.IsCompletedSuccessfully) return null;
        Volatile.Write(ref _clusterRead, _context.Time.GetTimestamp());
        ConnectionMultiplexer connection = _connecting.GetAwaiter().GetResult();
        ClusterConfiguration? cluster = connection.GetServers()
            .Where(s => s.ServerType == ServerType.Cluster).Select(s => s.ClusterConfiguration).FirstOrDefault(c => c is not null);
        // While no node says anything, those that are known stay.
        if (cluster is not null) _nodes.Keep(cluster.Nodes.Select(n => n.EndPoint).OfType<EndPoint>().ToHashSet());
        return _cluster = cluster;
    }

    private async Task<IDatabase> DatabaseAsync(CancellationToken cancellationToken) =>
        (await _connecting.WaitAsync(cancellationToken)).GetDatabase();

    private GuardedServer Open(string address, bool isClusterNode)
    {
        _metrics.Used(address, true);
        return new GuardedServer(
            new RedisServer(address, _config, DatabaseAsync, isClusterNode), RemoteCacheOptions.Of(_config), _metrics, _context);
    }
}
