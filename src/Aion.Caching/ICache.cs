namespace Aion.Caching;

/// <summary>
/// Keeps byte strings under keys for a while. Thread-safe. It may forget anything at any time, never fails, and never makes a caller wait
/// longer than its one short timeout: what does not answer is bypassed and tried again later.
/// </summary>
public interface ICache : IAsyncDisposable
{
    /// <summary>False while nothing can be had from it and nothing would be kept, so that nobody has to prepare keys or values.</summary>
    bool IsAvailable { get; }

    /// <summary>True when what comes back is what this process handed over; otherwise any value may be damaged or another's.</summary>
    bool IsTrusted { get; }

    /// <returns>Per key its value, which nobody may change, or null.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    ValueTask<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Hands over a value; it belongs to the cache from here on. Returns at once; a cache in another process gets it later.</summary>
    void Set(string key, byte[] value, TimeSpan timeToLive);
}
