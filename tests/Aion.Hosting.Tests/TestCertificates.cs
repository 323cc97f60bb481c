using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aion.Hosting.Tests;

/// <summary>An authority of its own that signs a server's and a client's certificate, in PEM files of a folder.</summary>
internal sealed class TestCertificates
{
    private readonly X509Certificate2 _authority;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public TestCertificates(string directory)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Aion test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(10));
        AuthorityPath = Path.Combine(directory, "ca.crt");
        File.WriteAllText(AuthorityPath, _authority.ExportCertificatePem());
        ServerPath = Path.Combine(directory, "tls.crt");
        ServerKeyPath = Path.Combine(directory, "tls.key");
        RenewServer();
        Client = Create("client", "1.3.6.1.5.5.7.3.2", out _);
    }

    public string AuthorityPath { get; }

    public string ServerPath { get; }

    public string ServerKeyPath { get; }

    public X509Certificate2 Client { get; }

    /// <summary>Writes a new server certificate over the old one and returns its thumbprint.</summary>
    public string RenewServer()
    {
        using X509Certificate2 server = Create("localhost", "1.3.6.1.5.5.7.3.1", out string keyPem);
        File.WriteAllText(ServerPath, server.ExportCertificatePem());
        File.WriteAllText(ServerKeyPath, keyPem);
        return server.Thumbprint;
    }

    public static X509Certificate2 Stranger()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=stranger", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private X509Certificate2 Create(string name, string use, out string keyPem)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + name, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        using X509Certificate2 signed = request.Create(_authority, _now.AddDays(-1), _now.AddDays(5), RandomNumberGenerator.GetBytes(8));
        keyPem = key.ExportPkcs8PrivateKeyPem();
        return signed.CopyWithPrivateKey(key);
    }
}
