using Aion.Hosting;

namespace Aion.StoreApi;

/// <summary>Says which endpoints there are now.</summary>
public interface IEndpointSource
{
    /// <summary>The endpoints as configured, names not yet resolved. Fails softly: what can't be read keeps its last content.</summary>
    Task<IReadOnlyList<EndpointSpec>> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Endpoints given by flags.</summary>
public sealed class StaticEndpoints(IReadOnlyList<EndpointSpec> specs) : IEndpointSource
{
    public Task<IReadOnlyList<EndpointSpec>> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(specs);
}

/// <summary>Puts sources together and resolves names, anew after each DNS interval. Used by one update loop.</summary>
/// <param name="sources">Later sources add to earlier ones.</param>
/// <param name="dns">Resolver; its metrics are those of endpoints.</param>
/// <param name="dnsInterval">Time between two lookups of a name. Upstream: <c>--store.sd-dns-interval</c>.</param>
public sealed class EndpointDiscovery(IReadOnlyList<IEndpointSource> sources, DnsAddresses dns, TimeSpan dnsInterval, TimeProvider time)
{
    private readonly Dictionary<string, (DateTimeOffset At, IReadOnlyList<string> Addresses)> _resolved = new(StringComparer.Ordinal);

    /// <summary>The endpoints with resolved addresses, in order of configuration; an address may stand there twice.</summary>
    internal async Task<IReadOnlyList<EndpointSpec>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<EndpointSpec>();
        foreach (IEndpointSource source in sources)
        {
            foreach (EndpointSpec spec in await source.ReadAsync(cancellationToken))
            {
                if (spec.IsGroup || !DnsAddresses.IsDynamic(spec.Address)) found.Add(spec);
                else
                {
                    foreach (string address in await ResolveAsync(spec.Address, cancellationToken))
                        // What is found by name connects as all others (config notes §8.1).
                        found.Add(new EndpointSpec(address, spec.IsStrict));
                }
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<string>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_resolved.TryGetValue(name, out var last) && now - last.At < dnsInterval) return last.Addresses;
        IReadOnlyList<string> addresses = await dns.ResolveAsync(name, cancellationToken);
        _resolved[name] = (now, addresses);
        return addresses;
    }
}
