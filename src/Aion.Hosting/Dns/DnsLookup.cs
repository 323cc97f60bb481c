using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;

namespace Aion.Hosting;

/// <summary>
/// Hosts are resolved as the system does it (hosts file, search domains); service records are asked of the system's name servers.
/// </summary>
public sealed class DnsLookup : IDnsLookup
{
    private readonly LookupClient _client = new(new LookupClientOptions { UseCache = false, ThrowDnsErrors = false });

    public async Task<IReadOnlyList<string>> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            return [.. addresses.Select(a => a.ToString())];
        }
        catch (SocketException e)
        {
            throw new DnsLookupException($"lookup IP addresses \"{host}\": {e.Message}", e);
        }
    }

    public async Task<IReadOnlyList<(string Host, int Port)>> ServicesAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            IDnsQueryResponse response = await _client.QueryAsync(name, QueryType.SRV, cancellationToken: cancellationToken);
            if (response.HasError) throw new DnsLookupException($"lookup SRV records \"{name}\": {response.ErrorMessage}");
            return [.. response.Answers.OfType<SrvRecord>().Select(r => (r.Target.Value.TrimEnd('.'), (int)r.Port))];
        }
        catch (DnsResponseException e)
        {
            throw new DnsLookupException($"lookup SRV records \"{name}\": {e.Message}", e);
        }
    }
}
