using System.Security.Authentication;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Aion.Hosting;

/// <summary>The web config file as written: strict keys, paths relative to the file.</summary>
/// <remarks>reference/config-files.md §5.</remarks>
internal sealed class WebConfig
{
    public TlsSection? TlsServerConfig { get; set; }

    public HttpSection? HttpServerConfig { get; set; }

    public Dictionary<string, string>? BasicAuthUsers { get; set; }

    public object? RateLimit { get; set; }

    internal sealed class TlsSection
    {
        public string Cert { get; set; } = "";

        public string Key { get; set; } = "";

        public string ClientCa { get; set; } = "";

        public string CertFile { get; set; } = "";

        public string KeyFile { get; set; } = "";

        public string ClientCaFile { get; set; } = "";

        public string ClientAuthType { get; set; } = "";

        public List<string>? ClientAllowedSans { get; set; }

        public string MinVersion { get; set; } = "TLS12";

        public string MaxVersion { get; set; } = "TLS13";

        public List<string>? CipherSuites { get; set; }

        public List<string>? CurvePreferences { get; set; }

        public bool PreferServerCipherSuites { get; set; } = true;
    }

    internal sealed class HttpSection
    {
        public bool Http2 { get; set; } = true;

        public Dictionary<string, string>? Headers { get; set; }
    }

    /// <exception cref="ComponentException">Not YAML, an unknown key, or a value that is not allowed or not honoured.</exception>
    public static WebConfig Parse(string yaml)
    {
        WebConfig config;
        try
        {
            IDeserializer reader = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();
            config = reader.Deserialize<WebConfig?>(yaml) ?? new WebConfig();
        }
        catch (YamlException e)
        {
            throw new ComponentException($"yaml: line {e.Start.Line}: {e.InnerException?.Message ?? e.Message}");
        }

        config.Validate();
        return config;
    }

    public bool HasTls => TlsServerConfig is { } tls && (tls.Cert.Length > 0 || tls.CertFile.Length > 0);

    public static SslProtocols Version(string text) => text switch
    {
        // The old versions are refused by the operating system's library in most places; the operator may still ask.
#pragma warning disable CA5397, SYSLIB0039 // the operator's own choice
        "TLS10" or "1.0" => SslProtocols.Tls,
        "TLS11" or "1.1" => SslProtocols.Tls11,
#pragma warning restore CA5397, SYSLIB0039
        "TLS12" or "1.2" => SslProtocols.Tls12,
        "TLS13" or "1.3" => SslProtocols.Tls13,
        _ => throw new ComponentException($"unknown TLS version: {text}"),
    };

    /// <summary>All versions from the oldest to the newest allowed.</summary>
    public static SslProtocols Versions(string oldest, string newest)
    {
#pragma warning disable CA5397, SYSLIB0039 // the operator's own choice
        SslProtocols[] all = [SslProtocols.Tls, SslProtocols.Tls11, SslProtocols.Tls12, SslProtocols.Tls13];
#pragma warning restore CA5397, SYSLIB0039
        int from = Array.IndexOf(all, Version(oldest));
        int to = Array.IndexOf(all, Version(newest));
        if (from > to) throw new ComponentException($"TLS min_version {oldest} is newer than max_version {newest}");
        return all[from..(to + 1)].Aggregate(SslProtocols.None, (sum, version) => sum | version);
    }

    private void Validate()
    {
        if (RateLimit is not null) throw new ComponentException("rate_limit is not supported");
        foreach ((string user, string hash) in BasicAuthUsers ?? []) PasswordHash.Validate(user, hash);
        foreach ((string name, string value) in HttpServerConfig?.Headers ?? []) ValidateHeader(name, value);
        if (TlsServerConfig is not { } tls) return;
        if (tls.ClientAllowedSans is { Count: > 0 }) throw new ComponentException("tls_server_config.client_allowed_sans is not supported");
        if (tls.CipherSuites is { Count: > 0 }) throw new ComponentException("tls_server_config.cipher_suites is not supported");
        if (tls.CurvePreferences is { Count: > 0 }) throw new ComponentException("tls_server_config.curve_preferences is not supported");
        if (!tls.PreferServerCipherSuites) throw new ComponentException("tls_server_config.prefer_server_cipher_suites: false is not supported");
        bool hasKey = tls.Key.Length > 0 || tls.KeyFile.Length > 0;
        bool hasAuthority = tls.ClientCa.Length > 0 || tls.ClientCaFile.Length > 0;
        if (HasTls && !hasKey) throw new ComponentException("missing one of key or key_file");
        if (!HasTls && hasKey) throw new ComponentException("missing one of cert or cert_file");
        if (!HasTls && (hasAuthority || tls.ClientAuthType.Length > 0)) throw new ComponentException("missing one of cert or cert_file");
        ClientCertificate client = Client(tls.ClientAuthType);
        if (hasAuthority && client == ClientCertificate.NotAsked)
            throw new ComponentException("client CA's have been configured without a Client Auth Policy");
        if (!hasAuthority && client is ClientCertificate.VerifiedIfGiven or ClientCertificate.VerifiedRequired)
            throw new ComponentException($"client_auth_type {tls.ClientAuthType} needs client_ca or client_ca_file");
        Versions(tls.MinVersion, tls.MaxVersion);
    }

    public static ClientCertificate Client(string text) => text switch
    {
        "" or "NoClientCert" => ClientCertificate.NotAsked,
        "RequestClientCert" => ClientCertificate.Asked,
        "RequireAnyClientCert" or "RequireClientCert" => ClientCertificate.AnyRequired,
        "VerifyClientCertIfGiven" => ClientCertificate.VerifiedIfGiven,
        "RequireAndVerifyClientCert" => ClientCertificate.VerifiedRequired,
        _ => throw new ComponentException($"invalid ClientAuth: {text}"),
    };

    private static void ValidateHeader(string name, string value)
    {
        string[]? allowed = name.ToLowerInvariant() switch
        {
            "strict-transport-security" or "x-xss-protection" or "content-security-policy" => [],
            "x-content-type-options" => ["nosniff"],
            "x-frame-options" => ["deny", "sameorigin"],
            _ => throw new ComponentException($"HTTP header \"{name}\" can not be configured"),
        };
        if (allowed.Length > 0 && !allowed.Contains(value.ToLowerInvariant()))
            throw new ComponentException($"invalid value for {name}: expected one of {string.Join(", ", allowed)}, got {value}");
    }
}
