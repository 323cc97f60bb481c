using System.Globalization;
using Aion.Hosting;
using Prometheus;

namespace Aion.Caching;

/// <summary>
/// The servers behind the configured addresses, kept in step with DNS or with what the servers say of their cluster. A key goes to the
/// same server as in Thanos: jump hash of its XXH64 over the addresses in natural order.
/// </summary>
internal sealed class MemcachedPool : IServerPool
{
    private const int MaxKeyBytes = 250;

    private readonly MemcachedConfig _config;
    private readonly CacheContext _context;
    private readonly RemoteCacheMetrics _metrics;
    private readonly DnsAddresses _names;
    private Member[] _members = [];
    private GuardedServer[] _servers = [];
    private bool _saidNone;

    public MemcachedPool(MemcachedConfig config, RemoteCacheMetrics metrics, CacheContext context)
    {
        _config = config;
        _context = context;
        _metrics = metrics;
        _names = new DnsAddresses(context.Dns, context.Factory, "thanos_memcached_", context.Logger);
        // What needs no lookup is there from the start.
        if (!config.AutoDiscovery && !config.Addresses.Any(DnsAddresses.IsDynamic)) Use(config.Addresses);
        ShowConfig();
    }

    public IReadOnlyList<GuardedServer> Servers => Volatile.Read(ref _servers);

    public GuardedServer? ServerOf(string key)
    {
        GuardedServer[] servers = Volatile.Read(ref _servers);
        return servers.Length == 0 ? null : servers[JumpHash.BucketOf(key, servers.Length)];
    }

    public bool CanHold(string key)
    {
        if (key.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(key) > MaxKeyBytes) return false;
        foreach (char c in key)
            if (c is <= ' ' or '\x7f') return false;
        return true;
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Off the caller's way: looking up names takes its time.
        await Task.Yield();
        using var timer = new PeriodicTimer(_config.DnsUpdateInterval, _context.Time);
        do
        {
            IReadOnlyList<string> found = await FindAsync(cancellationToken);
            if (found.Count > 0) Use(found);
            SayWhenNone();
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public ValueTask DisposeAsync()
    {
        foreach (Member member in _members) member.Server.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<string>();
        foreach (string address in _config.Addresses)
        {
            IReadOnlyList<string> resolved = await _names.ResolveAsync(address, cancellationToken);
            if (!_config.AutoDiscovery) found.AddRange(resolved);
            else foreach (string one in resolved) found.AddRange(await ClusterOfAsync(one, cancellationToken));
        }

        return found;
    }

    /// <summary>Empty when the server does not say; what is known stays then.</summary>
    private async Task<IReadOnlyList<string>> ClusterOfAsync(string address, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_config.Timeout, _context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using MemcachedConnection connection = await MemcachedServer.ConnectAsync(address, both.Token);
            return await connection.ClusterAsync(both.Token);
        }
        catch (Exception e) when (e is CacheException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _context.Logger.Debug("memcached auto-discovery failed", [("name", _context.Name), ("server", address), ("err", e.Message)]);
            return [];
        }
    }

    private void Use(IReadOnlyList<string> addresses)
    {
        string[] sorted = [.. addresses.Order(NaturalOrder.Instance)];
        Member[] old = _members;
        if (sorted.SequenceEqual(old.Select(m => m.Server.Address))) return;
        var members = new Member[sorted.Length];
        for (var i = 0; i < sorted.Length; i++)
        {
            string address = sorted[i];
            // A server that is listed twice is one server with twice the keys.
            members[i] = members.Take(i).Concat(old).FirstOrDefault(m => m.Server.Address == address) ?? Open(address);
        }

        _members = members;
        Volatile.Write(ref _servers, [.. members.Select(m => m.Guarded)]);
        foreach (Member gone in old.Except(members))
        {
            gone.Server.Dispose();
            _metrics.ServerGone(gone.Server.Address);
        }
    }

    private Member Open(string address)
    {
        var server = new MemcachedServer(address, _config, _metrics, _context.Time);
        _metrics.Used(address, true);
        return new Member(server, new GuardedServer(server, RemoteCacheOptions.Of(_config), _metrics, _context));
    }

    private void SayWhenNone()
    {
        bool none = _members.Length == 0;
        if (none && !_saidNone)
            _context.Logger.Warn("no memcached server address resolved; the cache is bypassed",
                [("name", _context.Name), ("addresses", string.Join(',', _config.Addresses))]);
        _saidNone = none;
    }

    private void ShowConfig()
    {
        Gauge info = _context.Factory.CreateGauge(
            "thanos_memcached_client_info",
            "A metric with a constant '1' value labeled by configuration options from which memcached client was configured.",
            ["timeout", "max_idle_connections", "max_async_concurrency", "max_async_buffer_size", "max_item_size", "max_get_multi_concurrency", "max_get_multi_batch_size", "dns_provider_update_interval"]);
        info.WithLabels(
            Seconds(_config.Timeout), Text(_config.MaxIdleConnections), Text(_config.MaxAsyncConcurrency), Text(_config.MaxAsyncBufferSize),
            Text(_config.MaxItemBytes), Text(_config.MaxGetMultiConcurrency), Text(_config.MaxGetMultiBatchSize), Seconds(_config.DnsUpdateInterval)).Set(1);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan duration) => Aion.Model.GoDuration.Format(duration);

    private sealed record Member(MemcachedServer Server, GuardedServer Guarded);
}
