using System.Collections.Concurrent;
using Aion.Caching;

namespace Aion.StoreGateway.Tests;

/// <summary>A cache that keeps a record of what it was asked and given, and whose values a test may damage.</summary>
internal sealed class RecordingCache : ICache
{
    public ConcurrentDictionary<string, byte[]> Values { get; } = new();

    public List<string> Asked { get; } = [];

    public List<(string Key, byte[] Value, TimeSpan TimeToLive)> Stored { get; } = [];

    public bool IsAvailable { get; set; } = true;

    public bool IsTrusted { get; init; }

    public ValueTask<byte[]?[]> GetAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        lock (Asked) Asked.AddRange(keys);
        return ValueTask.FromResult(keys.Select(k => Values.TryGetValue(k, out byte[]? value) ? value : null).ToArray());
    }

    public void Set(string key, byte[] value, TimeSpan timeToLive)
    {
        lock (Stored) Stored.Add((key, value, timeToLive));
        Values[key] = value;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
