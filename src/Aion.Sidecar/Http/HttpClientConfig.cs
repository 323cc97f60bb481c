using System.Globalization;
using Aion.Hosting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Aion.Sidecar;

/// <summary>The document behind <c>--prometheus.http-client</c>: how Prometheus is spoken to. Times are in nanoseconds there.</summary>
public sealed record HttpClientConfig
{
    private const string Where = "parsing http config YAML";

    public string UserName { get; private init; } = "";

    public string Password { get; private init; } = "";

    /// <summary>Read anew for each request.</summary>
    public string PasswordFile { get; private init; } = "";

    public string BearerToken { get; private init; } = "";

    /// <inheritdoc cref="PasswordFile"/>
    public string BearerTokenFile { get; private init; } = "";

    public Uri? Proxy { get; private init; }

    public HttpTlsConfig Tls { get; private init; } = new();

    /// <summary>0 = no limit.</summary>
    public int MaxConnectionsPerHost { get; private init; }

    public TimeSpan IdleConnectionTimeout { get; private init; } = TimeSpan.FromSeconds(90);

    /// <summary>From the request to the answer's headers; zero = no limit.</summary>
    public TimeSpan ResponseHeaderTimeout { get; private init; }

    public TimeSpan ExpectContinueTimeout { get; private init; } = TimeSpan.FromSeconds(10);

    /// <summary>TCP and TLS together.</summary>
    public TimeSpan ConnectTimeout { get; private init; } = TimeSpan.FromSeconds(15);

    public bool DisableCompression { get; private init; }

    /// <summary>What the file says that has no effect; to be logged once.</summary>
    public IReadOnlyList<string> Warnings { get; private init; } = [];

    public bool HasBasicAuth => UserName.Length > 0 || Password.Length > 0 || PasswordFile.Length > 0;

    /// <exception cref="ComponentException">The text is no such document; names the field and the line.</exception>
    public static HttpClientConfig Parse(string yaml)
    {
        var warnings = new List<string>();
        var root = new Node(Load(yaml), "", warnings);
        Node basic = root.Map("basic_auth"), tls = root.Map("tls_config"), transport = root.Map("transport_config");
        const string NoPool = "idle connections are not counted here, they end by idle_conn_timeout";
        transport.HasNoEffect("max_idle_conns", NoPool);
        transport.HasNoEffect("max_idle_conns_per_host", NoPool);
        var config = new HttpClientConfig
        {
            UserName = basic.Text("username"),
            Password = basic.Text("password"),
            PasswordFile = basic.Text("password_file"),
            BearerToken = root.Text("bearer_token"),
            BearerTokenFile = root.Text("bearer_token_file"),
            Proxy = root.Url("proxy_url"),
            Tls = new HttpTlsConfig
            {
                AuthorityFile = tls.Text("ca_file"),
                CertificateFile = tls.Text("cert_file"),
                KeyFile = tls.Text("key_file"),
                ServerName = tls.Text("server_name"),
                InsecureSkipVerify = tls.Bool("insecure_skip_verify"),
            },
            MaxConnectionsPerHost = (int)transport.Integer("max_conns_per_host", 0, int.MaxValue),
            IdleConnectionTimeout = transport.Nanoseconds("idle_conn_timeout", TimeSpan.FromSeconds(90)),
            ResponseHeaderTimeout = transport.Nanoseconds("response_header_timeout", TimeSpan.Zero),
            ExpectContinueTimeout = transport.Nanoseconds("expect_continue_timeout", TimeSpan.FromSeconds(10)),
            ConnectTimeout = transport.Nanoseconds("dialer_timeout", TimeSpan.FromSeconds(5))
                + transport.Nanoseconds("tls_handshake_timeout", TimeSpan.FromSeconds(10)),
            DisableCompression = transport.Bool("disable_compression"),
        };
        foreach (Node node in (Node[])[root, basic, tls, transport]) node.WarnOfUnknown();
        Check(config);
        return config with { Warnings = warnings };
    }

    private static void Check(HttpClientConfig config)
    {
        if (config.Password.Length > 0 && config.PasswordFile.Length > 0)
            throw Bad("at most one of basic_auth password & password_file must be configured");
        if (config.BearerToken.Length > 0 && config.BearerTokenFile.Length > 0)
            throw Bad("at most one of bearer_token & bearer_token_file must be configured");
        if (config.HasBasicAuth && (config.BearerToken.Length > 0 || config.BearerTokenFile.Length > 0))
            throw Bad("at most one of basic_auth, bearer_token & bearer_token_file must be configured");
        if (config.Tls.CertificateFile.Length > 0 != config.Tls.KeyFile.Length > 0)
            throw Bad("tls_config cert_file and key_file must be configured together");
        if (config.Proxy is not null && config.Tls.ServerName.Length > 0)
            throw Bad("tls_config server_name together with proxy_url is not supported");
    }

    private static YamlMappingNode? Load(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw Bad($"line {e.Start.Line}: {e.Message}");
        }

        if (stream.Documents.Count == 0) return null;
        return stream.Documents[0].RootNode as YamlMappingNode ?? throw Bad("the document must be a mapping");
    }

    private static ComponentException Bad(string reason) => new($"{Where}: {reason}");

    /// <summary>A mapping and the fields of it that were asked for.</summary>
    private sealed class Node(YamlMappingNode? mapping, string path, List<string> warnings)
    {
        private readonly HashSet<string> _known = [];

        public Node Map(string field)
        {
            YamlNode? node = Find(field);
            if (node is null or YamlMappingNode or YamlScalarNode { Value: "" or "null" or "~" })
                return new Node(node as YamlMappingNode, $"{path}{field}.", warnings);
            throw Bad($"line {node.Start.Line}: field {path}{field} must be a mapping");
        }

        public string Text(string field) => Find(field) switch
        {
            null => "",
            YamlScalarNode scalar => scalar.Value ?? "",
            { } other => throw Wrong(field, other, "a text"),
        };

        public bool Bool(string field) => Text(field) switch
        {
            "" or "false" => false,
            "true" => true,
            _ => throw Wrong(field, Find(field)!, "true or false"),
        };

        public long Integer(string field, long otherwise, long max)
        {
            string text = Text(field);
            if (text.Length == 0) return otherwise;
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= max
                ? value
                : throw Wrong(field, Find(field)!, $"a whole number from 0 to {max}");
        }

        public TimeSpan Nanoseconds(string field, TimeSpan otherwise) =>
            TimeSpan.FromTicks(Integer(field, otherwise.Ticks * 100, long.MaxValue) / 100);

        public Uri? Url(string field)
        {
            string text = Text(field);
            if (text.Length == 0) return null;
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? url : throw Wrong(field, Find(field)!, "an address");
        }

        public void HasNoEffect(string field, string why)
        {
            if (Find(field) is { } node) warnings.Add($"line {node.Start.Line}: field {path}{field}: {why}");
        }

        public void WarnOfUnknown()
        {
            if (mapping is null) return;
            foreach (YamlNode key in mapping.Children.Keys)
                if (key is not YamlScalarNode { Value: { } name } || !_known.Contains(name))
                    warnings.Add($"line {key.Start.Line}: field {path}{key} is not known");
        }

        private YamlNode? Find(string field)
        {
            _known.Add(field);
            return mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? node) ? node : null;
        }

        private ComponentException Wrong(string field, YamlNode node, string what) =>
            Bad($"line {node.Start.Line}: field {path}{field} must be {what}, got \"{node}\"");
    }
}

/// <summary>TLS towards Prometheus.</summary>
public sealed record HttpTlsConfig
{
    /// <summary>Authorities that are trusted instead of the system's.</summary>
    public string AuthorityFile { get; init; } = "";

    public string CertificateFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    /// <summary>Name that the server's certificate must have, when it is not that of the address.</summary>
    public string ServerName { get; init; } = "";

    public bool InsecureSkipVerify { get; init; }
}
