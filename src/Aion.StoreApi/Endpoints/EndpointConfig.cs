using Aion.Hosting;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Aion.StoreApi;

/// <summary>The YAML of <c>--endpoint.sd-config</c>: endpoints with connection settings of their own (config notes §8.1).</summary>
public static class EndpointConfig
{
    /// <param name="yaml">The file's text; keys that are not known are ignored.</param>
    /// <param name="global">TLS of the flags; null = clear text.</param>
    /// <param name="compression">Compression of the flags; null = none.</param>
    /// <exception cref="FormatException">Names the endpoint and the field.</exception>
    public static IReadOnlyList<EndpointSpec> Parse(string yaml, GrpcClientTls? global, string? compression)
    {
        Root root;
        try
        {
            root = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<Root?>(yaml) ?? new Root();
        }
        catch (YamlException e)
        {
            throw new FormatException($"endpoint config: line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}", e);
        }

        GrpcClientTls? inherited = root.DefaultClientConfig is { Tls: { } tls } defaults ? Combine(tls, defaults.ServerName, global) : global;
        return [.. (root.Endpoints ?? []).Select((e, i) => ToSpec(e, i, inherited, compression))];
    }

    private static EndpointSpec ToSpec(Entry? entry, int index, GrpcClientTls? global, string? compression)
    {
        string where = $"endpoint config: endpoints[{index}]";
        if (entry?.Address is not { Length: > 0 } address) throw new FormatException($"{where}: address is missing");
        if (entry.Strict && !entry.Group && DnsAddresses.IsDynamic(address))
            throw new FormatException($"{where}: {address} is a dynamically specified endpoint i.e. it uses SD and that is not permitted under strict mode");
        if (entry.ServiceConfig is { Length: > 0 }) throw new FormatException($"{where}: service_config is not supported: groups are asked round-robin");
        if (entry.ClientConfig?.Compression is not (null or "" or "none" or "snappy"))
            throw new FormatException($"{where}: compression \"{entry.ClientConfig.Compression}\" is neither none nor snappy");
        return new EndpointSpec(address, entry.Strict, entry.Group, Client(entry.ClientConfig, global, compression));
    }

    private static GrpcClientOptions Client(ClientConfig? own, GrpcClientTls? global, string? compression)
    {
        if (own is null || (own.Tls is null && string.IsNullOrEmpty(own.ServerName)))
            return new GrpcClientOptions { Tls = global, Compression = compression };
        GrpcClientTls? tls = own.Tls?.Enabled switch
        {
            false => null,
            true => Plain(own.Tls, own.ServerName),
            null => Combine(own.Tls ?? new TlsConfig(), own.ServerName, global),
        };
        return new GrpcClientOptions { Tls = tls, Compression = own.Compression == "snappy" ? "snappy" : null };
    }

    private static GrpcClientTls Plain(TlsConfig tls, string? serverName) => new()
    {
        SkipVerify = tls.SkipVerify ?? false,
        CertificatePath = tls.CertFile ?? "",
        KeyPath = tls.KeyFile ?? "",
        AuthorityPath = tls.CaFile ?? "",
        MinimumVersion = tls.MinVersion ?? "1.3",
        ServerName = serverName ?? "",
    };

    /// <summary>Fields that are missing come from the global settings; TLS is on if those have it or a certificate, CA or skip is given.</summary>
    private static GrpcClientTls? Combine(TlsConfig tls, string? serverName, GrpcClientTls? global)
    {
        if (tls.Enabled == false) return null;
        bool given = tls.CertFile is not null || tls.KeyFile is not null || tls.CaFile is not null || tls.SkipVerify == true;
        if (global is null && !given && tls.Enabled != true) return null;
        GrpcClientTls basis = global ?? new GrpcClientTls();
        return basis with
        {
            SkipVerify = tls.SkipVerify ?? basis.SkipVerify,
            CertificatePath = tls.CertFile ?? basis.CertificatePath,
            KeyPath = tls.KeyFile ?? basis.KeyPath,
            AuthorityPath = tls.CaFile ?? basis.AuthorityPath,
            MinimumVersion = tls.MinVersion ?? basis.MinimumVersion,
            ServerName = string.IsNullOrEmpty(serverName) ? basis.ServerName : serverName,
        };
    }

    private sealed class Root
    {
        [YamlMember(Alias = "endpoints")]
        public List<Entry?>? Endpoints { get; set; }

        [YamlMember(Alias = "default_client_config")]
        public ClientConfig? DefaultClientConfig { get; set; }
    }

    private sealed class Entry
    {
        [YamlMember(Alias = "address")]
        public string? Address { get; set; }

        [YamlMember(Alias = "strict")]
        public bool Strict { get; set; }

        [YamlMember(Alias = "group")]
        public bool Group { get; set; }

        [YamlMember(Alias = "service_config")]
        public string? ServiceConfig { get; set; }

        [YamlMember(Alias = "client_config")]
        public ClientConfig? ClientConfig { get; set; }
    }

    private sealed class ClientConfig
    {
        [YamlMember(Alias = "tls_config")]
        public TlsConfig? Tls { get; set; }

        [YamlMember(Alias = "server_name")]
        public string? ServerName { get; set; }

        [YamlMember(Alias = "compression")]
        public string? Compression { get; set; }
    }

    private sealed class TlsConfig
    {
        [YamlMember(Alias = "enabled")]
        public bool? Enabled { get; set; }

        [YamlMember(Alias = "insecure_skip_verify")]
        public bool? SkipVerify { get; set; }

        [YamlMember(Alias = "cert_file")]
        public string? CertFile { get; set; }

        [YamlMember(Alias = "key_file")]
        public string? KeyFile { get; set; }

        [YamlMember(Alias = "ca_file")]
        public string? CaFile { get; set; }

        [YamlMember(Alias = "min_version")]
        public string? MinVersion { get; set; }
    }
}
