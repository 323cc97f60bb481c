using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aion.Storage;
using Aion.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Aion.Sidecar.Tests;

/// <summary>A server whose certificate names <c>prom.internal</c> and that asks for a client's certificate of the same authority.</summary>
public sealed class PrometheusTlsTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new();
    private WebApplication? _server;
    private Uri _address = null!;

    [Fact]
    public async Task The_names_and_files_of_the_configuration_count()
    {
        string ok = $"ca_file: {File("ca.pem")}, cert_file: {File("client.pem")}, key_file: {File("client.key")}";

        Assert.Equal(new PrometheusVersion(3, 9), await AskAsync($"{{{ok}, server_name: prom.internal}}"));
        Assert.Equal(new PrometheusVersion(3, 9), await AskAsync($"{{{ok}, insecure_skip_verify: true}}"));
    }

    [Theory]
    [InlineData("{ca_file: CA, cert_file: CERT, key_file: KEY}", "RemoteCertificateNameMismatch")]
    [InlineData("{ca_file: CA, cert_file: CERT, key_file: KEY, server_name: other}", "RemoteCertificateNameMismatch")]
    [InlineData("{cert_file: CERT, key_file: KEY, server_name: prom.internal}", "errors in the certificate chain")]
    [InlineData("{ca_file: CA, server_name: prom.internal}", "")]
    public async Task Otherwise_there_is_no_connection(string tls, string reason)
    {
        string text = tls.Replace("CA", File("ca.pem"), StringComparison.Ordinal).Replace("CERT", File("client.pem"), StringComparison.Ordinal)
            .Replace("KEY", File("client.key"), StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<StoreException>(() => AskAsync(text));

        Assert.Equal(StoreErrorKind.Unavailable, e.Kind);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    public async ValueTask InitializeAsync()
    {
        using RSA authorityKey = RSA.Create(2048);
        var request = new CertificateRequest("CN=authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 authority = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(2));
        await System.IO.File.WriteAllTextAsync(File("ca.pem"), authority.ExportCertificatePem());
        Issue(authority, "client");
        Issue(authority, "prom.internal");
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(File("prom.internal.pem"), File("prom.internal.key"));
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(
            new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (shown, _, _) => shown.Issuer == "CN=authority",
            })));
        _server = builder.Build();
        _server.Run(http => http.Response.WriteAsync("""{"status":"success","data":{"version":"3.9.1"}}"""));
        await _server.StartAsync();
        _address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string File(string name) => _folder.Combine(name);

    private void Issue(X509Certificate2 authority, string name)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        System.IO.File.WriteAllText(File(name + ".pem"), issued.ExportCertificatePem());
        System.IO.File.WriteAllText(File(name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }

    private async Task<PrometheusVersion> AskAsync(string tls)
    {
        using HttpClient http = PrometheusHttpClient.Create(HttpClientConfig.Parse($"tls_config: {tls}"), "0.0.1");
        return await new PrometheusClient(http, _address).VersionAsync(TestContext.Current.CancellationToken);
    }
}
