using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aion.Hosting;

/// <summary>A listen address as flags give it: <c>host:port</c>; an empty host is every interface.</summary>
internal static class ListenAddress
{
    /// <exception cref="ComponentException">No port, a bad port, or a host that does not resolve.</exception>
    public static IPEndPoint Resolve(string address)
    {
        int colon = address.LastIndexOf(':');
        if (colon < 0) throw new ComponentException($"listen tcp: address {address}: missing port in address");
        string host = address[..colon];
        if (!int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
            throw new ComponentException($"listen tcp: address {address[(colon + 1)..]}: invalid port");
        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal)) throw new ComponentException($"listen tcp: address {address}: too many colons in address");
        if (host.Length == 0) return new IPEndPoint(IPAddress.IPv6Any, port);
        return IPAddress.TryParse(host, out IPAddress? literal) ? new IPEndPoint(literal, port) : new IPEndPoint(Lookup(host), port);
    }

    private static IPAddress Lookup(string host)
    {
        try
        {
            IPAddress[] found = Dns.GetHostAddresses(host);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
        }
        catch (SocketException e)
        {
            throw new ComponentException($"listen tcp: lookup {host}: {e.Message}", e);
        }
    }
}
