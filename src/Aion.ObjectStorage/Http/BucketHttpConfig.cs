namespace Aion.ObjectStorage;

/// <summary>The <c>http_config</c> that several kinds of bucket share, with Thanos's names and defaults.</summary>
public sealed record BucketHttpConfig
{
    /// <summary>To get a connection; the handshake has its own on top. Only Swift's settings have a field for it.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause within the body of an answer. Only Swift's settings have a field for it.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an unused connection is kept.</summary>
    public TimeSpan IdleConnectionTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>From the end of the request to the head of the answer; zero = no limit.</summary>
    public TimeSpan ResponseHeaderTimeout { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan TlsHandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan ExpectContinueTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>0 = no limit.</summary>
    public int MaxConnectionsPerHost { get; init; }

    public bool InsecureSkipVerify { get; init; }

    /// <summary>PEM file of the authorities to trust in place of the system's; empty = the system's.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>PEM files of the client's certificate and its key: both or neither.</summary>
    public string CertFile { get; init; } = "";

    public string KeyFile { get; init; } = "";

    /// <summary>The name the server's certificate must bear; empty = the host asked.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Reads <c>http_config</c> out of a bucket's settings; settings without a counterpart here are told.</summary>
    /// <exception cref="BucketConfigException">The message names the field.</exception>
    public static BucketHttpConfig Read(ConfigNode settings, BucketProviderContext context)
    {
        ConfigNode http = settings.Map("http_config");
        http.RefuseUnknown(
            "idle_conn_timeout", "response_header_timeout", "insecure_skip_verify", "tls_handshake_timeout", "expect_continue_timeout",
            "max_idle_conns", "max_idle_conns_per_host", "max_conns_per_host", "tls_config", "disable_compression");
        ConfigNode tls = http.Map("tls_config");
        tls.RefuseUnknown("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify");
        WarnOfIdleLimit(http, "max_idle_conns", context);
        WarnOfIdleLimit(http, "max_idle_conns_per_host", context);
        http.Flag("disable_compression");
        if (tls.Flag("insecure_skip_verify") && !http.Flag("insecure_skip_verify"))
            context.Warn("field config.http_config.tls_config.insecure_skip_verify has no effect, as in Thanos; the one in http_config decides");
        var defaults = new BucketHttpConfig();
        var read = new BucketHttpConfig
        {
            IdleConnectionTimeout = http.Duration("idle_conn_timeout", defaults.IdleConnectionTimeout),
            ResponseHeaderTimeout = http.Duration("response_header_timeout", defaults.ResponseHeaderTimeout),
            TlsHandshakeTimeout = http.Duration("tls_handshake_timeout", defaults.TlsHandshakeTimeout),
            ExpectContinueTimeout = http.Duration("expect_continue_timeout", defaults.ExpectContinueTimeout),
            MaxConnectionsPerHost = (int)http.Number("max_conns_per_host", 0, 0, int.MaxValue),
            InsecureSkipVerify = http.Flag("insecure_skip_verify"),
            CaFile = tls.TextOrEmpty("ca_file"),
            CertFile = tls.TextOrEmpty("cert_file"),
            KeyFile = tls.TextOrEmpty("key_file"),
            ServerName = tls.TextOrEmpty("server_name"),
        };
        if ((read.CertFile.Length == 0) != (read.KeyFile.Length == 0))
            throw tls.Error(read.CertFile.Length == 0 ? "cert_file" : "key_file", "cert_file and key_file must be given together");
        return read;
    }

    private static void WarnOfIdleLimit(ConfigNode http, string field, BucketProviderContext context)
    {
        const long Default = 100;
        if (http.Number(field, Default, 0, int.MaxValue) != Default)
            context.Warn($"field config.http_config.{field} has no effect: idle connections are limited by idle_conn_timeout only");
    }
}
