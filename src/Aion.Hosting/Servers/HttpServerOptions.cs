namespace Aion.Hosting;

/// <summary>Where and how the HTTP server listens.</summary>
public sealed record HttpServerOptions
{
    /// <summary><c>host:port</c>; an empty host is every interface, port 0 a free port.</summary>
    public required string Address { get; init; }

    /// <summary>Time for running requests after a stop; zero closes at once.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Path of the web config (TLS, users, headers); empty for none.</summary>
    public string ConfigPath { get; init; } = "";

    /// <summary>Null when requests are not logged.</summary>
    public RequestLogRules? RequestLog { get; init; }
}

/// <summary>Where and how the gRPC server listens.</summary>
public sealed record GrpcServerOptions
{
    /// <inheritdoc cref="HttpServerOptions.Address"/>
    public required string Address { get; init; }

    public string CertificatePath { get; init; } = "";

    public string KeyPath { get; init; } = "";

    /// <summary>When set, clients must show a certificate signed by it.</summary>
    public string ClientAuthorityPath { get; init; } = "";

    /// <summary>1.0, 1.1, 1.2 or 1.3.</summary>
    public string MinimumTlsVersion { get; init; } = "1.3";

    /// <summary>Age at which a connection is closed gracefully; zero or less is never.</summary>
    public TimeSpan MaxConnectionAge { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Time for running calls after a stop; zero stops at once.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Null when calls are not logged.</summary>
    public RequestLogRules? RequestLog { get; init; }
}
