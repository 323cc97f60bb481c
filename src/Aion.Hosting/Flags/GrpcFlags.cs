namespace Aion.Hosting;

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
