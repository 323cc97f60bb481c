using Aion.Hosting;
using Aion.Model;
using Aion.Storage;
using Aion.Testing;

namespace Aion.Sidecar.Tests;

public sealed class HttpClientConfigTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_is_the_defaults()
    {
        HttpClientConfig config = HttpClientConfig.Parse("");

        Assert.False(config.HasBasicAuth);
        Assert.Equal(TimeSpan.FromSeconds(15), config.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(90), config.IdleConnectionTimeout);
        Assert.Equal(TimeSpan.Zero, config.ResponseHeaderTimeout);
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void Everything_is_read()
    {
        HttpClientConfig config = HttpClientConfig.Parse("""
            basic_auth: {username: u, password: p}
            proxy_url: http://proxy:3128
            tls_config: {ca_file: ca, cert_file: c, key_file: k, insecure_skip_verify: true}
            transport_config:
              max_idle_conns: 7
              max_conns_per_host: 3
              idle_conn_timeout: 1000000000
              response_header_timeout: 2000000000
              expect_continue_timeout: 3000000000
              tls_handshake_timeout: 4000000000
              dialer_timeout: 5000000000
              disable_compression: true
            zz: 1
            """);

        Assert.Equal(("u", "p", 3, true), (config.UserName, config.Password, config.MaxConnectionsPerHost, config.DisableCompression));
        Assert.Equal(new Uri("http://proxy:3128"), config.Proxy);
        Assert.Equal(
            new HttpTlsConfig { AuthorityFile = "ca", CertificateFile = "c", KeyFile = "k", InsecureSkipVerify = true }, config.Tls);
        Assert.Equal(
            [1.0, 2, 3, 9],
            new[] { config.IdleConnectionTimeout, config.ResponseHeaderTimeout, config.ExpectContinueTimeout, config.ConnectTimeout }.Select(t => t.TotalSeconds));
        Assert.Equal(2, config.Warnings.Count);
        Assert.Contains("max_idle_conns", config.Warnings[0], StringComparison.Ordinal);
        Assert.Equal("line 13: field zz is not known", config.Warnings[1]);
    }

    [Theory]
    [InlineData("basic_auth: {password: a, password_file: b}", "password & password_file")]
    [InlineData("{bearer_token: a, bearer_token_file: b}", "bearer_token & bearer_token_file")]
    [InlineData("{bearer_token: a, basic_auth: {username: u}}", "at most one of basic_auth")]
    [InlineData("tls_config: {cert_file: a}", "cert_file and key_file")]
    [InlineData("{proxy_url: 'http://p', tls_config: {server_name: s}}", "server_name together with proxy_url")]
    [InlineData("tls_config: {insecure_skip_verify: maybe}", "field tls_config.insecure_skip_verify must be true or false")]
    [InlineData("transport_config: {idle_conn_timeout: 90s}", "field transport_config.idle_conn_timeout must be a whole number")]
    [InlineData("transport_config: {max_conns_per_host: -1}", "field transport_config.max_conns_per_host")]
    [InlineData("proxy_url: nowhere", "field proxy_url must be an address")]
    [InlineData("basic_auth: [a]", "field basic_auth must be a mapping")]
    [InlineData("bearer_token: [a]", "field bearer_token must be a text")]
    [InlineData("- a", "the document must be a mapping")]
    [InlineData("a: [", "line")]
    public void Errors_name_the_field(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Throws<ComponentException>(() => HttpClientConfig.Parse(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Credentials_are_sent_and_files_read_anew()
    {
        using var folder = new TempDirectory();
        string file = folder.Combine("secret");
        var seen = new List<string>();
        await using FakePrometheus prometheus = await FakePrometheus.StartAsync(Labels.Of("replica", "a"), []);
        prometheus.Intercept = http =>
        {
            seen.Add(http.Request.Headers.Authorization.ToString());
            return Task.FromResult(false);
        };

        await AskAsync("");
        await AskAsync("basic_auth: {username: u, password: p}");
        await AskAsync("bearer_token: t");
        await File.WriteAllTextAsync(file, "one\n", Cancellation);
        using HttpClient http = PrometheusHttpClient.Create(HttpClientConfig.Parse($"bearer_token_file: {file}"), "0.0.1");
        var client = new PrometheusClient(http, prometheus.Address);
        await client.VersionAsync(Cancellation);
        await File.WriteAllTextAsync(file, "two\n", Cancellation);
        await client.VersionAsync(Cancellation);
        File.Delete(file);
        var e = await Assert.ThrowsAsync<StoreException>(() => client.VersionAsync(Cancellation));

        Assert.Equal(["", "Basic " + Convert.ToBase64String("u:p"u8), "Bearer t", "Bearer one", "Bearer two"], seen);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);

        async Task AskAsync(string yaml)
        {
            using HttpClient one = PrometheusHttpClient.Create(HttpClientConfig.Parse(yaml), "0.0.1");
            await new PrometheusClient(one, prometheus.Address).VersionAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Headers_that_do_not_come_in_time_are_an_error()
    {
        await using FakePrometheus prometheus = await FakePrometheus.StartAsync(Labels.Of("replica", "a"), []);
        prometheus.Intercept = async http =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        using HttpClient http = PrometheusHttpClient.Create(
            HttpClientConfig.Parse("transport_config: {response_header_timeout: 50000000}"), "0.0.1");

        var e = await Assert.ThrowsAsync<StoreException>(() => new PrometheusClient(http, prometheus.Address).VersionAsync(Cancellation));

        Assert.Contains("response_header_timeout of 0.05 s", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_certificate_is_named() =>
        Assert.Contains(
            "tls_config", Assert.Throws<ComponentException>(() => PrometheusHttpClient.Create(HttpClientConfig.Parse("tls_config: {ca_file: /nope}"), "0.0.1")).Message,
            StringComparison.Ordinal);
}
