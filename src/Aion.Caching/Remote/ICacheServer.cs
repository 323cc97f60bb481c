namespace Aion.Caching;

/// <summary>A value on its way to a server.</summary>
internal readonly record struct PendingSet(string Key, byte[] Value, TimeSpan TimeToLive);

/// <summary>One server of a remote cache, spoken to in its own protocol. Thread-safe.</summary>
internal interface ICacheServer
{
    /// <summary>What to call it in logs.</summary>
    string Address { get; }

    /// <returns>Per key its value or null.</returns>
    /// <exception cref="CacheException">The server failed.</exception>
    Task<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <returns>How many were stored; the server may refuse one and take another.</returns>
    /// <exception cref="CacheException">The server failed.</exception>
    Task<int> SetAsync(IReadOnlyList<PendingSet> values, CancellationToken cancellationToken);

    /// <summary>Asks for something small, to see whether it answers.</summary>
    /// <exception cref="CacheException">It does not.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);
}

/// <summary>The servers of one remote cache and which of them has a key.</summary>
internal interface IServerPool : IAsyncDisposable
{
    /// <summary>All that are known now; empty when none could be found.</summary>
    IReadOnlyList<GuardedServer> Servers { get; }

    /// <summary>The server of a key; null when none is known.</summary>
    GuardedServer? ServerOf(string key);

    /// <summary>Whether the protocol can carry the key.</summary>
    bool CanHold(string key);

    /// <summary>Finds servers and keeps in step with them, until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
