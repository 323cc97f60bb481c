namespace Aion.Hosting;

/// <summary>Flags before any command: help, version, log. The rest of upstream's global flags is refused by name.</summary>
internal sealed class GlobalFlags
{
    public GlobalFlags(FlagSet flags)
    {
        Help = flags.Bool("help", "Show context-sensitive help (also try --help-long).", @short: 'h');
        HelpLong = flags.Bool("help-long", "Show the help of every command.", hidden: true);
        flags.Unsupported("help-man", "no manual page is generated", isBool: true);
        flags.Unsupported("completion-bash", "no shell completion is generated", isBool: true);
        flags.Unsupported("completion-script-bash", "no shell completion is generated", isBool: true);
        flags.Unsupported("completion-script-zsh", "no shell completion is generated", isBool: true);
        Version = flags.Bool("version", "Show the program's version.");
        DebugName = flags.String("debug.name", "Name added to each log line.", hidden: true);
        LogLevel = flags.Enum("log.level", "Least severe level that is logged: error, warn, info or debug.",
            ["error", "warn", "info", "debug"], "info");
        LogFormat = flags.Enum("log.format", "Form of log lines: logfmt or json.", ["logfmt", "json", "journald"], "logfmt");
        const string NoTracing = "traces are not exported";
        flags.Unsupported("tracing.config-file", NoTracing);
        flags.Unsupported("tracing.config", NoTracing);
        const string NoMemoryLimit = "the .NET runtime keeps to the container's memory limit by itself; set DOTNET_GCHeapHardLimitPercent for another share";
        flags.Unsupported("enable-auto-gomemlimit", NoMemoryLimit, isBool: true);
        flags.Unsupported("auto-gomemlimit.ratio", NoMemoryLimit);
    }

    public Flag<bool> Help { get; }

    public Flag<bool> HelpLong { get; }

    public Flag<bool> Version { get; }

    public Flag<string> DebugName { get; }

    public Flag<string> LogLevel { get; }

    public Flag<string> LogFormat { get; }
}

/// <summary>Flags of the HTTP server; reference/cli-flags.md §2.1.</summary>
public sealed class HttpFlags
{
    public HttpFlags(FlagSet flags)
    {
        Address = flags.String("http-address", "Address the HTTP endpoints listen on: host:port.", "0.0.0.0:10902");
        GracePeriod = flags.PrometheusDuration("http-grace-period", "How long to let running requests end after a signal.", "2m");
        Config = flags.String("http.config",
            "[EXPERIMENTAL] Path of a file that turns on TLS, basic authentication or response headers for all HTTP endpoints.", "");
    }

    public Flag<string> Address { get; }

    public Flag<TimeSpan> GracePeriod { get; }

    public Flag<string> Config { get; }

    public HttpServerOptions Options(ParsedFlags flags) => new()
    {
        Address = flags.Get(Address),
        GracePeriod = flags.Get(GracePeriod),
        ConfigPath = flags.Get(Config),
    };
}

/// <summary>Flags of the gRPC server; reference/cli-flags.md §2.2.</summary>
public sealed class GrpcFlags
{
    public GrpcFlags(FlagSet flags)
    {
        Address = flags.String("grpc-address", "Address the gRPC services listen on: host:port. Other components connect to it.", "0.0.0.0:10901");
        Certificate = flags.String("grpc-server-tls-cert", "Path of the gRPC server's TLS certificate; empty for no TLS.", "");
        Key = flags.String("grpc-server-tls-key", "Path of the gRPC server's TLS key; empty for no TLS.", "");
        ClientAuthority = flags.String("grpc-server-tls-client-ca",
            "Path of the CA bundle that client certificates are verified with; empty to ask for none.", "");
        MinimumVersion = flags.Enum("grpc-server-tls-min-version", "Oldest TLS version the gRPC server speaks: 1.0, 1.1, 1.2 or 1.3.",
            ["1.0", "1.1", "1.2", "1.3"], "1.3");
        const string NoChoice = "the operating system's TLS library chooses";
        flags.Unsupported("grpc-server-tls-ciphers", NoChoice);
        flags.Unsupported("grpc-server-tls-curves", NoChoice);
        MaxConnectionAge = flags.GoDuration("grpc-server-max-connection-age",
            "How long a client keeps one connection before it is asked to open a new one; 0 for ever.", "60m");
        GracePeriod = flags.GoDuration("grpc-grace-period", "How long to let running calls end after a signal.", "2m");
    }

    public Flag<string> Address { get; }

    public Flag<string> Certificate { get; }

    public Flag<string> Key { get; }

    public Flag<string> ClientAuthority { get; }

    public Flag<string> MinimumVersion { get; }

    public Flag<TimeSpan> MaxConnectionAge { get; }

    public Flag<TimeSpan> GracePeriod { get; }

    public GrpcServerOptions Options(ParsedFlags flags) => new()
    {
        Address = flags.Get(Address),
        CertificatePath = flags.Get(Certificate),
        KeyPath = flags.Get(Key),
        ClientAuthorityPath = flags.Get(ClientAuthority),
        MinimumTlsVersion = flags.Get(MinimumVersion),
        MaxConnectionAge = flags.Get(MaxConnectionAge),
        GracePeriod = flags.Get(GracePeriod),
    };
}

/// <summary>Limits of one Series call; reference/cli-flags.md §2.6.</summary>
public sealed class StoreLimitFlags
{
    public StoreLimitFlags(FlagSet flags)
    {
        Series = flags.UInt64("store.limits.request-series",
            "Most series one Series call may return; the call fails beyond it. 0 for no limit.", "0");
        Samples = flags.UInt64("store.limits.request-samples",
            "Most samples one Series call may return; the call fails beyond it. 0 for no limit.", "0");
    }

    public Flag<ulong> Series { get; }

    public Flag<ulong> Samples { get; }
}

/// <summary>Pairs that several components declare.</summary>
public static class CommonFlags
{
    /// <summary><c>--objstore.config[-file]</c>; the suffix makes <c>objstore-to</c> and its like.</summary>
    public static PathOrContent ObjectStorage(FlagSet flags, bool required, string suffix = "") =>
        flags.PathOrContent($"objstore{suffix}.config", "the bucket configuration in YAML", required);

    /// <summary><c>--selector.relabel-config[-file]</c>: keep, drop and hashmod on external labels.</summary>
    public static PathOrContent Selector(FlagSet flags) =>
        flags.PathOrContent("selector.relabel-config", "relabelling in YAML (keep, drop, hashmod) that selects by external labels");

    /// <summary><c>--request.logging-config[-file]</c>, which is not honoured: requests are not logged.</summary>
    public static void RequestLoggingUnsupported(FlagSet flags)
    {
        flags.Unsupported("request.logging-config-file", "requests are not logged");
        flags.Unsupported("request.logging-config", "requests are not logged");
    }
}
