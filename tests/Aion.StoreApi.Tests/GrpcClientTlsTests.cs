using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aion.StoreApi.Tests;

public sealed class GrpcClientTlsTests
{
    [Theory]
    [InlineData("store.example", SslPolicyErrors.RemoteCertificateNameMismatch, true)]
    [InlineData("store.example", SslPolicyErrors.None, true)]
    [InlineData("other.example", SslPolicyErrors.None, false)]
    [InlineData("store.example", SslPolicyErrors.RemoteCertificateChainErrors, false)]
    [InlineData("store.example", SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors, false)]
    public void A_server_name_stands_for_the_name_in_the_address_and_for_nothing_else(string name, SslPolicyErrors found, bool accepted)
    {
        using X509Certificate2 certificate = CertificateOf("store.example");
        SslClientAuthenticationOptions options = new GrpcClientTls { ServerName = name }.Load();

        Assert.Equal(accepted, options.RemoteCertificateValidationCallback!(this, certificate, null, found));
    }

    [Fact]
    public void Without_a_server_name_the_platform_decides() => Assert.Null(new GrpcClientTls().Load().RemoteCertificateValidationCallback);

    private static X509Certificate2 CertificateOf(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
