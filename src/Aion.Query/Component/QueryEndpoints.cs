using Aion.Hosting;
using Aion.StoreApi;

namespace Aion.Query;

/// <summary>Makes the set of endpoints that the flags name.</summary>
internal static class QueryEndpoints
{
    /// <exception cref="ComponentException">An address, the endpoint configuration or a TLS file is wrong.</exception>
    public static async Task<EndpointSet> CreateAsync(QueryFlags handles, ParsedFlags flags, ComponentContext context, CancellationToken cancellationToken)
    {
        DiscoveryFlags discovery = handles.Discovery;
        TimeSpan dnsInterval = Positive(flags, discovery.DnsInterval);
        GrpcClientTls? tls = Tls(handles.Clients, flags);
        string? compression = flags.Get(handles.Clients.Compression) == "snappy" ? "snappy" : null;
        List<IEndpointSource> sources = [new StaticEndpoints(Static(discovery, flags))];
        if (flags.Get(discovery.Files) is { Count: > 0 } files)
            sources.Add(new FileEndpoints(files, flags.Get(discovery.FileInterval), context.Time, context.Logger));
        if (await ConfigAsync(discovery, flags, context, text => EndpointConfig.Parse(text, tls, compression), cancellationToken) is { } config)
            sources.Add(config);

        var dns = new DnsLookup();
        var names = new DnsAddresses(dns, context.Metrics, "thanos_query_endpoints_", context.Logger);
        var groups = new GroupPeers(
            new DnsAddresses(dns, context.Metrics, "thanos_query_endpoint_groups_", context.Logger), dnsInterval, context.Time, context.LoggerFactory);
        TimeSpan infoTimeout = Positive(flags, discovery.InfoTimeout), unhealthy = flags.Get(discovery.UnhealthyTimeout), query = flags.Get(handles.Engine.Timeout);
        return new EndpointSet(new EndpointDiscovery(sources, names, dnsInterval, context.Time), groups, new EndpointSetOptions
        {
            InfoTimeout = infoTimeout,
            UnhealthyTimeout = unhealthy,
            CloseDelay = new[] { infoTimeout, unhealthy, query }.Max(),
            Client = new GrpcClientOptions { Tls = tls, Compression = compression },
            ConnectionLabels = flags.Get(handles.Engine.ConnectionLabels),
        }, context);
    }

    private static List<EndpointSpec> Static(DiscoveryFlags discovery, ParsedFlags flags)
    {
        List<EndpointSpec> specs = [];
        specs.AddRange(flags.Get(discovery.Endpoints).Concat(flags.Get(discovery.Stores)).Select(a => new EndpointSpec(a)));
        specs.AddRange(flags.Get(discovery.Groups).Select(a => new EndpointSpec(a, IsGroup: true)));
        foreach (string address in flags.Get(discovery.Strict))
        {
            if (DnsAddresses.IsDynamic(address))
                throw new ComponentException($"{address} is a dynamically specified endpoint i.e. it uses SD and that is not permitted under strict mode.");
            specs.Add(new EndpointSpec(address, IsStrict: true));
        }

        specs.AddRange(flags.Get(discovery.StrictGroups).Select(a => new EndpointSpec(a, IsStrict: true, IsGroup: true)));
        return specs;
    }

    private static async Task<EndpointConfigFile?> ConfigAsync(
        DiscoveryFlags discovery, ParsedFlags flags, ComponentContext context, Func<string, IReadOnlyList<EndpointSpec>> parse, CancellationToken cancellationToken)
    {
        string text = await discovery.EndpointConfig.ReadAsync(flags, context.Environment, cancellationToken);
        if (text.Length == 0) return null;
        string path = flags.Get(discovery.EndpointConfig.File);
        try
        {
            return new EndpointConfigFile(
                parse(text), path.Length > 0 ? path : null, parse, Positive(flags, discovery.EndpointConfigInterval), context.Time, context.Logger);
        }
        catch (FormatException e)
        {
            throw new ComponentException($"unable to load endpoint config: {e.Message}", e);
        }
    }

    private static GrpcClientTls? Tls(GrpcClientFlags clients, ParsedFlags flags)
    {
        if (!flags.Get(clients.Secure)) return null;
        var tls = new GrpcClientTls
        {
            SkipVerify = flags.Get(clients.SkipVerify),
            CertificatePath = flags.Get(clients.Certificate),
            KeyPath = flags.Get(clients.Key),
            AuthorityPath = flags.Get(clients.Authority),
            ServerName = flags.Get(clients.ServerName),
            MinimumVersion = flags.Get(clients.MinimumVersion),
        };
        try
        {
            // Read here too, so that a wrong file is known before anything starts.
            tls.Load();
            return tls;
        }
        catch (InvalidDataException e)
        {
            throw new ComponentException($"building gRPC client: {e.Message}", e);
        }
    }

    private static TimeSpan Positive(ParsedFlags flags, Flag<TimeSpan> flag)
    {
        TimeSpan value = flags.Get(flag);
        return value > TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must be more than 0s");
    }
}
