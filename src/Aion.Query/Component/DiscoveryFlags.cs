using Aion.Hosting;

namespace Aion.Query;

/// <summary>Which endpoints this querier asks.</summary>
internal sealed class DiscoveryFlags
{
    public DiscoveryFlags(FlagSet flags)
    {
        DnsInterval = flags.PrometheusDuration("store.sd-dns-interval", "How often DNS names of endpoints are resolved anew.", "30s");
        UnhealthyTimeout = flags.PrometheusDuration("store.unhealthy-timeout", "How long an endpoint that does not answer is remembered.", "5m");
        ResponseTimeout = flags.PrometheusDuration("store.response-timeout",
            "How long a store may stay silent within an answer before it is left out; 0ms for ever.", "0ms");
        InfoTimeout = flags.PrometheusDuration("endpoint.info-timeout", "How long an endpoint may take to say what it is, and how often it is asked.", "5s", hidden: true);
        EndpointConfig = flags.PathOrContent("endpoint.sd-config", "the endpoints in YAML", substitutesEnvironment: false);
        EndpointConfigInterval = flags.PrometheusDuration("endpoint.sd-config-reload-interval", "How often that file is looked at for changes.", "5m");
        Files = flags.Strings("store.sd-files", "Path, or glob, of files with endpoints in Prometheus's file_sd format. May be repeated.", placeHolder: "<path>");
        FileInterval = flags.PrometheusDuration("store.sd-interval", "How often those files are read when no change was noticed.", "5m");
        Endpoints = flags.Addresses("endpoint", "Address of an endpoint: host:port, or dns+, dnssrv+ or dnssrvnoa+ and a name. May be repeated.", "<endpoint>");
        Groups = flags.Addresses("endpoint-group",
            "[EXPERIMENTAL] DNS name of a group of equal endpoints, of which one is asked. May be repeated.", "<endpoint-group>");
        Strict = flags.Addresses("endpoint-strict", "Address of an endpoint that is asked even when it does not answer. May be repeated.", "<endpoint-strict>");
        StrictGroups = flags.Addresses("endpoint-group-strict",
            "[EXPERIMENTAL] A group that is asked even when it does not answer. May be repeated.", "<endpoint-group-strict>");
        Stores = flags.Addresses("store", "Older name of --endpoint.", "<store>", hidden: true);
        const string Whole = "stores are asked whole, not by the external labels of what they hold";
        flags.Unsupported("selector.relabel-config-file", Whole);
        flags.Unsupported("selector.relabel-config", Whole);
        flags.Unsupported("store.sd-dns-resolver", "there is one resolver");
        flags.Unsupported("inject-test-addresses", "it is a test hook of another program");
    }

    public Flag<TimeSpan> DnsInterval { get; }

    public Flag<TimeSpan> UnhealthyTimeout { get; }

    public Flag<TimeSpan> ResponseTimeout { get; }

    public Flag<TimeSpan> InfoTimeout { get; }

    public PathOrContent EndpointConfig { get; }

    public Flag<TimeSpan> EndpointConfigInterval { get; }

    public Flag<IReadOnlyList<string>> Files { get; }

    public Flag<TimeSpan> FileInterval { get; }

    public Flag<IReadOnlyList<string>> Endpoints { get; }

    public Flag<IReadOnlyList<string>> Groups { get; }

    public Flag<IReadOnlyList<string>> Strict { get; }

    public Flag<IReadOnlyList<string>> StrictGroups { get; }

    public Flag<IReadOnlyList<string>> Stores { get; }
}
