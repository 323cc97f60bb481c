using System.Collections.Concurrent;
using System.Net;

namespace Aion.Caching;

/// <summary>The nodes of a cluster that keys were looked for at. One that leaves the cluster is let go. Thread-safe.</summary>
/// <param name="gone">Told of each that is let go.</param>
internal sealed class RedisNodes(Func<EndPoint, GuardedServer> open, Action<GuardedServer> gone)
{
    private readonly ConcurrentDictionary<EndPoint, GuardedServer> _nodes = new();

    public IReadOnlyList<GuardedServer> All => _nodes.IsEmpty ? [] : [.. _nodes.Values];

    public GuardedServer Of(EndPoint node) => _nodes.GetOrAdd(node, open);

    /// <summary>Lets go of all others.</summary>
    public void Keep(IReadOnlySet<EndPoint> cluster)
    {
        foreach (EndPoint node in _nodes.Keys)
            if (!cluster.Contains(node) && _nodes.TryRemove(node, out GuardedServer? left)) gone(left);
    }
}
