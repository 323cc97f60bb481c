using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aion.Testing;

namespace Aion.ObjectStorage.S3.Tests;

/// <summary>What <c>http_config</c> says of TLS, against a server with certificates of an authority that only the test knows.</summary>
public sealed class S3TlsTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly X509Certificate2 _authority;

    public S3TlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(_folder.Combine("ca.pem"), _authority.ExportCertificatePem());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "", "an authority that nobody knows is refused", false)]
    [InlineData("127.0.0.1", "tls_config: {ca_file: CA}", "", true)]
    [InlineData("elsewhere.example", "tls_config: {ca_file: CA}", "a certificate for another name is refused", false)]
    [InlineData("elsewhere.example", "tls_config: {ca_file: CA, server_name: elsewhere.example}", "", true)]
    [InlineData("127.0.0.1", "tls_config: {ca_file: CA, server_name: elsewhere.example}", "the address is not the name that was asked for", false)]
    [InlineData("elsewhere.example", "tls_config: {server_name: elsewhere.example}", "the name alone does not make it known", false)]
    [InlineData("elsewhere.example", "insecure_skip_verify: true", "", true)]
    [InlineData("elsewhere.example", "tls_config: {insecure_skip_verify: true}", "as in Thanos only the outer one counts", false)]
    public async Task The_servers_certificate_must_be_of_the_authority_and_for_the_name(string name, string settings, string why, bool expected)
    {
        await using var server = new StubHttpServer(_ => new StubAnswer(200, "abc"), new SslServerAuthenticationOptions { ServerCertificate = Certificate(name) });

        BucketException? failure = await ReadAsync(server, settings);

        Assert.True(expected == failure is null, why + failure);
        if (failure is not null) Assert.Equal(BucketErrorKind.Transient, failure.Kind);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(", cert_file: CERT, key_file: KEY", true)]
    public async Task A_server_may_ask_for_our_certificate(string settings, bool expected)
    {
        using X509Certificate2 ours = Certificate("client");
        await File.WriteAllTextAsync(_folder.Combine("cert.pem"), ours.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(_folder.Combine("key.pem"), ours.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancellation);
        var tls = new SslServerAuthenticationOptions
        {
            ServerCertificate = Certificate("127.0.0.1"),
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs?.Subject == "CN=client",
        };
        await using var server = new StubHttpServer(_ => new StubAnswer(200, "abc"), tls);

        Assert.Equal(expected, await ReadAsync(server, $"tls_config: {{ca_file: CA{settings}}}") is null);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private async Task<BucketException?> ReadAsync(StubHttpServer server, string http)
    {
        http = http.Replace("CA", _folder.Combine("ca.pem"), StringComparison.Ordinal)
            .Replace("CERT", _folder.Combine("cert.pem"), StringComparison.Ordinal)
            .Replace("KEY", _folder.Combine("key.pem"), StringComparison.Ordinal);
        try
        {
            IBucket bucket = Buckets.Open(
                $"{{bucket: b, endpoint: \"{server.Address}\", access_key: k, secret_key: s, max_retries: 1, http_config: {{{http}}}}}");
            Assert.Equal("abc"u8.ToArray(), await bucket.ReadAllAsync("x", 100, Cancellation));
            return null;
        }
        catch (BucketException e)
        {
            return e;
        }
    }

    private X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(_authority, _authority.NotBefore, _authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
