using System.Globalization;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Aion.Hosting;

/// <summary>
/// Turns addresses with a prefix into <c>host:port</c>: <c>dns+host:port</c> by A and AAAA records, <c>dnssrv+name</c> by service records
/// and then addresses of their targets, <c>dnssrvnoa+name</c> by service records alone. A lookup that fails keeps the last result.
/// </summary>
public sealed class DnsAddresses
{
    private readonly IDnsLookup _lookup;
    private readonly ILogger _logger;
    private readonly Counter _lookups;
    private readonly Counter _failures;
    private readonly Gauge _results;
    private readonly Dictionary<string, IReadOnlyList<string>> _last = new(StringComparer.Ordinal);
    private readonly Lock _lock = new(); // guards _last

    /// <param name="metricPrefix">For example <c>thanos_query_endpoints_</c>.</param>
    public DnsAddresses(IDnsLookup lookup, MetricsRegistry metrics, string metricPrefix, ILogger logger)
        : this(lookup, metrics.Factory, metricPrefix, logger)
    {
    }

    /// <param name="metrics">May add labels, for one of several users of the same names.</param>
    /// <param name="metricPrefix">For example <c>thanos_memcached_</c>.</param>
    public DnsAddresses(IDnsLookup lookup, IMetricFactory metrics, string metricPrefix, ILogger logger)
    {
        _lookup = lookup;
        _logger = logger;
        _lookups = metrics.CreateCounter(metricPrefix + "dns_lookups_total", "Number of DNS names that were looked up.");
        _failures = metrics.CreateCounter(metricPrefix + "dns_failures_total", "Number of DNS lookups that failed.");
        _results = metrics.CreateGauge(metricPrefix + "dns_provider_results", "Number of addresses that a DNS name gave last.", ["addr"]);
    }

    /// <summary>True for an address that has to be looked up.</summary>
    public static bool IsDynamic(string address) => Split(address).Prefix is not null;

    /// <summary>The addresses behind one name; a plain address stands for itself.</summary>
    public async Task<IReadOnlyList<string>> ResolveAsync(string address, CancellationToken cancellationToken)
    {
        (string? prefix, string name) = Split(address);
        if (prefix is null) return [address];
        _lookups.Inc();
        try
        {
            IReadOnlyList<string> addresses = await LookUpAsync(prefix, name, cancellationToken);
            lock (_lock) _last[address] = addresses;
            _results.WithLabels(address).Set(addresses.Count);
            return addresses;
        }
        catch (DnsLookupException e)
        {
            _failures.Inc();
            _logger.Error("dns resolution failed", [("addr", address), ("err", e.Message)]);
            lock (_lock) return _last.TryGetValue(address, out IReadOnlyList<string>? last) ? last : [];
        }
    }

    private static (string? Prefix, string Name) Split(string address)
    {
        int plus = address.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (null, address) : (address[..plus], address[(plus + 1)..]);
    }

    private async Task<IReadOnlyList<string>> LookUpAsync(string prefix, string name, CancellationToken cancellationToken)
    {
        switch (prefix)
        {
            case "dns":
                int colon = name.LastIndexOf(':');
                if (colon < 0 || !int.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port))
                    throw new DnsLookupException($"missing port in address given for dns lookup: {name}");
                return await HostAsync(name[..colon], port, cancellationToken);
            case "dnssrv":
                var addresses = new List<string>();
                foreach ((string host, int servicePort) in await _lookup.ServicesAsync(name, cancellationToken))
                    addresses.AddRange(await HostAsync(host, servicePort, cancellationToken));
                return addresses;
            case "dnssrvnoa":
                return [.. (await _lookup.ServicesAsync(name, cancellationToken)).Select(s => Join(s.Host, s.Port))];
            default:
                throw new DnsLookupException($"invalid lookup scheme \"{prefix}\"");
        }
    }

    private async Task<IReadOnlyList<string>> HostAsync(string host, int port, CancellationToken cancellationToken) =>
        [.. (await _lookup.AddressesAsync(host.Trim('[', ']'), cancellationToken)).Select(a => Join(a, port))];

    private static string Join(string host, int port)
    {
        string shown = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return string.Create(CultureInfo.InvariantCulture, $"{shown}:{port}");
    }
}
