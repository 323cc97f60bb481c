using Aion.Hosting;

namespace Aion.Query;

/// <summary>How this querier connects to its endpoints.</summary>
internal sealed class GrpcClientFlags
{
    public GrpcClientFlags(FlagSet flags)
    {
        Secure = flags.Bool("grpc-client-tls-secure", "Use TLS towards the endpoints.");
        SkipVerify = flags.Bool("grpc-client-tls-skip-verify", "Accept any certificate of an endpoint.");
        Certificate = flags.String("grpc-client-tls-cert", "Path of the certificate this client shows.", "");
        Key = flags.String("grpc-client-tls-key", "Path of that certificate's key.", "");
        Authority = flags.String("grpc-client-tls-ca", "Path of the CA bundle that endpoints are verified with; empty for the system's.", "");
        ServerName = flags.String("grpc-client-server-name", "Name that an endpoint's certificate must have, instead of its address.", "");
        Compression = flags.Enum("grpc-compression", "Compression of requests.", ["snappy", "none"], "none");
        MinimumVersion = flags.Enum("grpc-client-tls-min-version", "Oldest TLS version spoken with endpoints: 1.0, 1.1, 1.2 or 1.3.",
            ["1.0", "1.1", "1.2", "1.3"], "1.3");
    }

    public Flag<bool> Secure { get; }

    public Flag<bool> SkipVerify { get; }

    public Flag<string> Certificate { get; }

    public Flag<string> Key { get; }

    public Flag<string> Authority { get; }

    public Flag<string> ServerName { get; }

    public Flag<string> Compression { get; }

    public Flag<string> MinimumVersion { get; }
}
