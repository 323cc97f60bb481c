using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Aion.StoreApi;

/// <summary>TLS towards peers, as flags and configuration files give it.</summary>
public sealed record GrpcClientTls
{
    /// <summary>Accept any certificate.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Path of the client's certificate in PEM; empty = none. Goes with <see cref="KeyPath"/>.</summary>
    public string CertificatePath { get; init; } = "";

    public string KeyPath { get; init; } = "";

    /// <summary>Path of the bundle that peers are verified with; empty = the system's.</summary>
    public string AuthorityPath { get; init; } = "";

    /// <summary>Name that the peer's certificate must have; empty = the host of its address.</summary>
    public string ServerName { get; init; } = "";

    /// <summary><c>1.0</c>, <c>1.1</c>, <c>1.2</c> or <c>1.3</c>.</summary>
    public string MinimumVersion { get; init; } = "1.3";

    /// <summary>Reads the files; they are read once, as upstream does.</summary>
    /// <exception cref="InvalidDataException">A file that can't be read, half a pair, or an unknown version.</exception>
    public SslClientAuthenticationOptions Load()
    {
        if ((CertificatePath.Length == 0) != (KeyPath.Length == 0))
            throw new InvalidDataException("both client key and certificate must be provided");
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = Protocols(),
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            };
            if (ServerName.Length > 0) options.RemoteCertificateValidationCallback = MustBear(ServerName);
            if (CertificatePath.Length > 0)
            {
                X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(CertificatePath, KeyPath);
                options.ClientCertificates = [certificate];
                options.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
            }

            if (AuthorityPath.Length > 0) options.CertificateChainPolicy = PolicyOf(AuthorityPath);
#pragma warning disable CA5359 // The user asked for it by name.
            if (SkipVerify) options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
            return options;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new InvalidDataException($"TLS files of gRPC clients: {e.Message}", e);
        }
    }

    /// <summary>The handler compares the certificate with the address it asks, whatever name it is told: that one finding is ours to make.</summary>
    private static RemoteCertificateValidationCallback MustBear(string serverName) => (_, certificate, _, errors) =>
        (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
        && certificate is X509Certificate2 presented && presented.MatchesHostname(serverName);

    private static X509ChainPolicy PolicyOf(string bundlePath)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(bundlePath);
        if (policy.CustomTrustStore.Count == 0) throw new InvalidDataException($"{bundlePath} holds no certificate");
        return policy;
    }

    private SslProtocols Protocols() => MinimumVersion switch
    {
#pragma warning disable SYSLIB0039, CA5397 // Old versions only when the user asks for them by name.
        "1.0" => SslProtocols.Tls | SslProtocols.Tls11 | SslProtocols.Tls12 | SslProtocols.Tls13,
        "1.1" => SslProtocols.Tls11 | SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore SYSLIB0039, CA5397
        "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
        "1.3" or "" => SslProtocols.Tls13,
        _ => throw new InvalidDataException($"unknown TLS version \"{MinimumVersion}\""),
    };
}
