using StackExchange.Redis;

namespace Aion.Caching;

/// <summary>A Redis server, or one node's part of a cluster's keys, over the one connection that all share.</summary>
internal sealed class RedisServer(string address, RedisConfig config, Func<CancellationToken, Task<IDatabase>> database, bool isClusterNode) : ICacheServer
{
    // A key of this server's, to look whether it answers: in a cluster, another key may be another node's.
    private volatile string _probe = "aion:probe";

    public string Address => address;

    public Task<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => RunAsync(async db =>
    {
        _probe = keys[0];
        var prefixed = new RedisKey[keys.Count];
        for (var i = 0; i < prefixed.Length; i++) prefixed[i] = config.Prefix + keys[i];
        // The keys of a node are not those of one slot, and a command over several slots is refused; one after the other they go out together.
        RedisValue[] found = isClusterNode
            ? await Task.WhenAll(prefixed.Select(k => db.StringGetAsync(k)))
            : await db.StringGetAsync(prefixed);
        var values = new byte[]?[found.Length];
        for (var i = 0; i < values.Length; i++) values[i] = found[i];
        return values;
    }, cancellationToken);

    public Task<int> SetAsync(IReadOnlyList<PendingSet> values, CancellationToken cancellationToken) => RunAsync(async db =>
    {
        _probe = values[0].Key;
        bool[] stored = await Task.WhenAll(values.Select(s => db.StringSetAsync(config.Prefix + s.Key, s.Value, Whole(s.TimeToLive))));
        return stored.Count(s => s);
    }, cancellationToken);

    public Task ProbeAsync(CancellationToken cancellationToken) => RunAsync(async db =>
    {
        await db.StringGetAsync(config.Prefix + _probe);
        return true;
    }, cancellationToken);

    // The client has its own, longer timeouts and takes no token; what it is left with ends by those.
    private async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> operation, CancellationToken cancellationToken)
    {
        try
        {
            IDatabase db = await database(cancellationToken);
            return await operation(db).WaitAsync(cancellationToken);
        }
        catch (RedisServerException e)
        {
            throw new CacheException(CacheFault.ServerError, e.Message, e);
        }
        catch (TimeoutException e)
        {
            throw new CacheException(CacheFault.Timeout, e.Message, e);
        }
        catch (Exception e) when (e is not (OperationCanceledException or CacheException))
        {
            // The library has exceptions of many kinds, and none may ever fail a query.
            throw new CacheException(e is RedisConnectionException ? CacheFault.NetworkError : CacheFault.Other, e.Message, e);
        }
    }

    /// <summary>Thanos gives whole seconds, cut.</summary>
    private static TimeSpan Whole(TimeSpan timeToLive) => TimeSpan.FromSeconds(Math.Floor(timeToLive.TotalSeconds));
}
