using System.Globalization;
using Aion.ObjectStorage;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>The document behind <c>--tracing.config</c>, of type <c>OTLP</c>, with Thanos's names and defaults.</summary>
internal sealed record TracingConfig
{
    private static readonly string[] OtherTypes = ["JAEGER", "STACKDRIVER", "GOOGLE_CLOUD", "ELASTIC_APM", "LIGHTSTEP"];
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public required bool UsesGrpc { get; init; }

    /// <summary>The collector's whole address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Empty = the program's and the component's name.</summary>
    public string ServiceName { get; init; } = "";

    public IReadOnlyDictionary<string, string> ResourceAttributes { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public bool Compress { get; init; }

    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    public BucketHttpConfig Http { get; init; } = new();

    /// <summary>Share of new traces that is recorded, 0 to 1.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>A trace that comes from outside keeps the decision of where it began.</summary>
    public bool ParentDecides { get; init; } = true;

    /// <exception cref="ComponentException">The message names the field.</exception>
    public static TracingConfig Read(string yaml, ILogger logger)
    {
        try
        {
            ConfigNode root = ConfigNode.Parse(yaml);
            root.RefuseUnknown("type", "config");
            string type = root.TextOrEmpty("type").ToUpperInvariant();
            if (OtherTypes.Contains(type))
                throw new ComponentException($"tracing with type {type} is not supported by Aion (field type); supported: OTLP, which the collectors of all of them take");
            if (type != "OTLP") throw new ComponentException($"tracing with type {type} is not supported");
            return ReadOtlp(root.Map("config"), logger);
        }
        catch (BucketConfigException e)
        {
            throw new ComponentException("tracing configuration: " + e.Message, e);
        }
    }

    private static TracingConfig ReadOtlp(ConfigNode settings, ILogger logger)
    {
        settings.RefuseUnknown(
            "client_type", "service_name", "resource_attributes", "reconnection_period", "compression", "insecure", "endpoint", "url_path", "timeout",
            "retry_config", "headers", "tls_config", "sampler_type", "sampler_param");
        bool grpc = settings.TextOrEmpty("client_type") switch
        {
            "grpc" => true,
            "http" => false,
            { } other => throw settings.Error("client_type", $"otlp: invalid client type \"{other}\": must be grpc or http"),
        };
        WarnOfRetries(settings, logger);
        TimeSpan timeout = settings.GoDuration("timeout", DefaultTimeout);
        (double ratio, bool parent) = ReadSampler(settings);
        return new TracingConfig
        {
            UsesGrpc = grpc,
            Endpoint = ReadEndpoint(settings, grpc),
            ServiceName = settings.TextOrEmpty("service_name"),
            ResourceAttributes = settings.Texts("resource_attributes"),
            Headers = settings.Texts("headers"),
            Compress = settings.TextOrEmpty("compression") switch
            {
                "gzip" => true,
                "" or "none" => false,
                { } other => throw settings.Error("compression", $"must be gzip or none, got \"{other}\""),
            },
            Timeout = timeout > TimeSpan.Zero ? timeout : DefaultTimeout,
            Http = ReadTls(settings),
            Ratio = ratio,
            ParentDecides = parent,
        };
    }

    private static Uri ReadEndpoint(ConfigNode settings, bool grpc)
    {
        string host = settings.TextOrEmpty("endpoint");
        if (host.Length == 0) host = grpc ? "localhost:4317" : "localhost:4318";
        string path = settings.TextOrEmpty("url_path");
        if (path.Length > 0 && grpc) throw settings.Error("url_path", "belongs to client_type http");
        if (path.Length == 0) path = grpc ? "" : "/v1/traces";
        string text = $"{(settings.Flag("insecure") ? "http" : "https")}://{host}{(path.StartsWith('/') || path.Length == 0 ? path : "/" + path)}";
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && !host.Contains('/', StringComparison.Ordinal)
            ? address
            : throw settings.Error("endpoint", $"must be host:port, got \"{host}\"");
    }

    private static BucketHttpConfig ReadTls(ConfigNode settings)
    {
        ConfigNode tls = settings.Map("tls_config");
        tls.RefuseUnknown("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify");
        var read = new BucketHttpConfig
        {
            CaFile = tls.TextOrEmpty("ca_file"),
            CertFile = tls.TextOrEmpty("cert_file"),
            KeyFile = tls.TextOrEmpty("key_file"),
            ServerName = tls.TextOrEmpty("server_name"),
            InsecureSkipVerify = tls.Flag("insecure_skip_verify"),
        };
        return (read.CertFile.Length == 0) == (read.KeyFile.Length == 0)
            ? read
            : throw tls.Error(read.CertFile.Length == 0 ? "cert_file" : "key_file", "cert_file and key_file must be given together");
    }

    /// <summary>Any other type of sampler, and a ratio that can't be read, mean all traces, as in Thanos.</summary>
    private static (double Ratio, bool ParentDecides) ReadSampler(ConfigNode settings)
    {
        string type = settings.TextOrEmpty("sampler_type").ToUpperInvariant();
        bool readable = double.TryParse(settings.TextOrEmpty("sampler_param"), NumberStyles.Float, CultureInfo.InvariantCulture, out double ratio);
        double share = readable && double.IsFinite(ratio) ? Math.Clamp(ratio, 0, 1) : 1;
        return type switch
        {
            "ALWAYSSAMPLE" => (1, false),
            "NEVERSAMPLE" => (0, false),
            "TRACEIDRATIOBASED" => (share, false),
            "PARENTBASEDNEVERSAMPLE" => (0, true),
            "PARENTBASEDTRACEIDRATIOBASED" => (share, true),
            _ => (1, true),
        };
    }

    private static void WarnOfRetries(ConfigNode settings, ILogger logger)
    {
        settings.GoDuration("reconnection_period", TimeSpan.Zero);
        ConfigNode retries = settings.Map("retry_config");
        retries.RefuseUnknown("retry_enabled", "retry_initial_interval", "retry_max_interval", "retry_max_elapsed_time");
        if (retries.Flag("retry_enabled"))
            logger.Warn("tracing configuration: field config.retry_config has no effect: spans that a collector does not take are dropped");
        if (settings.TextOrEmpty("reconnection_period").Length > 0)
            logger.Warn("tracing configuration: field config.reconnection_period has no effect: a lost connection is made again with the next spans");
    }
}
