namespace Aion.Hosting;

/// <summary>The two questions that service discovery asks of DNS.</summary>
public interface IDnsLookup
{
    /// <summary>IPv4 and IPv6 addresses of a host as text, IPv6 without brackets.</summary>
    /// <exception cref="DnsLookupException">The lookup failed; an unknown name is a failure too.</exception>
    Task<IReadOnlyList<string>> AddressesAsync(string host, CancellationToken cancellationToken);

    /// <summary>Targets of a service record, without trailing dots, and their ports.</summary>
    /// <exception cref="DnsLookupException">The lookup failed; an unknown name is a failure too.</exception>
    Task<IReadOnlyList<(string Host, int Port)>> ServicesAsync(string name, CancellationToken cancellationToken);
}

public sealed class DnsLookupException(string message, Exception? inner = null) : Exception(message, inner);
