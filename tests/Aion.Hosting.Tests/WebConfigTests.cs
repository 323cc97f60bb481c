using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Aion.Testing;

namespace Aion.Hosting.Tests;

public sealed class WebConfigTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string ConfigPath => _directory.Combine("web.yml");

    [Fact]
    public async Task Users_are_asked_for_on_every_path_and_headers_are_sent()
    {
        Write($"basic_auth_users:\n  alice: {Hash("secret")}\nhttp_server_config:\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n");
        await using TestServer server = await TestServer.StartAsync(configPath: ConfigPath);

        foreach (string path in new[] { "/-/healthy", "/metrics", "/nope" })
            Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized\n"), await server.GetAsync(path));
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/-/healthy", Basic("alice", "x"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/-/healthy", Basic("bob", "secret"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/-/healthy", "Bearer x")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, "/-/healthy", "Basic !!")).Status);
        for (int i = 0; i < 2; i++)
            Assert.Equal((HttpStatusCode.OK, "OK"), await server.SendAsync(HttpMethod.Get, "/-/healthy", Basic("alice", "secret")));

        using HttpResponseMessage refused = await server.Client.GetAsync("/-/healthy", TestContext.Current.CancellationToken);
        Assert.Equal("Basic", refused.Headers.WwwAuthenticate.Single().ToString());
        Assert.Equal("deny", refused.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("max-age=1", refused.Headers.GetValues("Strict-Transport-Security").Single());
    }

    [Fact]
    public async Task A_changed_file_is_in_force_at_the_next_request_and_a_broken_one_fails_requests()
    {
        Write("{}");
        await using TestServer server = await TestServer.StartAsync(configPath: ConfigPath);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/-/healthy")).Status);

        Write($"basic_auth_users: {{alice: '{Hash("secret")}'}}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/-/healthy")).Status);
        Write("zz: [");
        Assert.Equal(HttpStatusCode.InternalServerError, (await server.GetAsync("/-/healthy")).Status);
        Write("{ }");
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/-/healthy")).Status);
    }

    [Fact]
    public async Task Tls_speaks_http_2_and_takes_a_renewed_certificate()
    {
        TestCertificates certificates = new(_directory.Path);
        Write("tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n");
        await using TestServer server = await TestServer.StartAsync(configPath: ConfigPath);
        using HttpRequestMessage request = new(HttpMethod.Get, "/-/healthy") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using HttpResponseMessage response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpVersion.Version20, HttpStatusCode.OK), (response.Version, response.StatusCode));

        string renewed = certificates.RenewServer();
        string? seen = null;
        using SocketsHttpHandler handler = new();
#pragma warning disable CA5359 // the test's own certificate
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            seen = certificate!.GetCertHashString();
            return true;
        };
#pragma warning restore CA5359
        using HttpClient fresh = new(handler) { BaseAddress = server.Client.BaseAddress };
        Assert.Equal("OK", await fresh.GetStringAsync("/-/healthy", TestContext.Current.CancellationToken));
        Assert.Equal(renewed, seen);
    }

    [Fact]
    public async Task Client_certificates_are_verified_when_asked_for()
    {
        TestCertificates certificates = new(_directory.Path);
        Write("tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n");
        await using TestServer server = await TestServer.StartAsync(configPath: ConfigPath);

        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync("/-/healthy"));
        Assert.Equal("OK", await GetWithAsync(server, certificates.Client));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetWithAsync(server, TestCertificates.Stranger()));
    }

    [Theory]
    [InlineData("zz: [", "yaml: line 1: ")]
    [InlineData("zz: 1\n", "yaml: line 1: Property 'zz' not found")]
    [InlineData("basic_auth_users:\n  a: notahash\n", "basic_auth_users.a: not a bcrypt hash")]
    [InlineData("tls_server_config:\n  cert_file: nope\n  key_file: nope\n", "failed to read cert_file (nope): ")]
    [InlineData("tls_server_config:\n  cert_file: nope\n", "missing one of key or key_file")]
    [InlineData("tls_server_config:\n  key_file: nope\n", "missing one of cert or cert_file")]
    [InlineData("tls_server_config:\n  cert: x\n  key: y\n", "TLS certificate and key: ")]
    [InlineData("tls_server_config:\n  cert: x\n  key: y\n  client_ca: z\n", "client CA's have been configured without a Client Auth Policy")]
    [InlineData("tls_server_config:\n  cert: x\n  key: y\n  client_auth_type: Zz\n", "invalid ClientAuth: Zz")]
    [InlineData("tls_server_config:\n  cert: x\n  key: y\n  min_version: TLS9\n", "unknown TLS version: TLS9")]
    [InlineData("tls_server_config:\n  cert: x\n  key: y\n  cipher_suites: [A]\n", "tls_server_config.cipher_suites is not supported")]
    [InlineData("http_server_config:\n  headers: {X-Other: a}\n", "HTTP header \"X-Other\" can not be configured")]
    [InlineData("http_server_config:\n  headers: {X-Frame-Options: a}\n", "invalid value for X-Frame-Options")]
    [InlineData("rate_limit:\n  interval: 1s\n", "rate_limit is not supported")]
    public async Task A_wrong_file_fails_at_setup(string yaml, string message)
    {
        Write(yaml);

        ComponentException error = await Assert.ThrowsAsync<ComponentException>(() => TestServer.StartAsync(configPath: ConfigPath));

        Assert.StartsWith(message, ComponentException.Chain(error));
        Assert.EndsWith("\nserver could not be started", ComponentException.Chain(error));
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<string> GetWithAsync(TestServer server, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
    {
        using SocketsHttpHandler handler = new();
        handler.SslOptions.ClientCertificates = [certificate];
#pragma warning disable CA5359 // the test's own certificate
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using HttpClient client = new(handler) { BaseAddress = server.Client.BaseAddress };
        return await client.GetStringAsync("/-/healthy");
    }

    private void Write(string yaml) => File.WriteAllText(ConfigPath, yaml);

    private static string Hash(string password) => BCrypt.Net.BCrypt.HashPassword(password, workFactor: 4);

    private static string Basic(string user, string password) =>
        new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))).ToString();
}
