using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Aion.Hosting;
using Aion.Storage;

namespace Aion.Sidecar;

/// <summary>Makes the HTTP client that speaks to Prometheus.</summary>
public static class PrometheusHttpClient
{
    /// <exception cref="ComponentException">A TLS file can't be used.</exception>
    public static HttpClient Create(HttpClientConfig config, string version)
    {
        var sockets = new SocketsHttpHandler
        {
            AutomaticDecompression = config.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
            ConnectTimeout = Bounded(config.ConnectTimeout),
            PooledConnectionIdleTimeout = Bounded(config.IdleConnectionTimeout),
            // Names may come to mean other addresses.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            Expect100ContinueTimeout = Bounded(config.ExpectContinueTimeout),
            MaxConnectionsPerServer = config.MaxConnectionsPerHost == 0 ? int.MaxValue : config.MaxConnectionsPerHost,
            SslOptions = Tls(config.Tls),
        };
        if (config.Proxy is not null) sockets.Proxy = new WebProxy(config.Proxy);
        if (config.Tls.ServerName.Length > 0) ConnectAs(sockets, config.Tls.ServerName);
        // A select may stream for long; each call brings its own token.
        var client = new HttpClient(new RequestHandler(config, sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Aion", version));
        return client;
    }

    // Zero means "no limit" in the file, and so does what a timer can't hold.
    private static TimeSpan Bounded(TimeSpan timeout) =>
        timeout <= TimeSpan.Zero || timeout.TotalMilliseconds > int.MaxValue ? Timeout.InfiniteTimeSpan : timeout;

    private static SslClientAuthenticationOptions Tls(HttpTlsConfig config)
    {
        var options = new SslClientAuthenticationOptions();
        try
        {
            if (config.CertificateFile.Length > 0)
                options.ClientCertificates = [X509Certificate2.CreateFromPemFile(config.CertificateFile, config.KeyFile)];
            if (config.AuthorityFile.Length > 0)
            {
                var trusted = new X509Certificate2Collection();
                trusted.ImportFromPemFile(config.AuthorityFile);
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ComponentException($"tls_config of --prometheus.http-client: {e.Message}", e);
        }

#pragma warning disable CA5359 // The operator asked for it.
        if (config.InsecureSkipVerify) options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return options;
    }

    /// <summary>
    /// Expects another name in the server's certificate than the address has. The handler always takes the address's, so the connection is
    /// made here.
    /// </summary>
    private static void ConnectAs(SocketsHttpHandler sockets, string serverName)
    {
        SslClientAuthenticationOptions tls = sockets.SslOptions;
        tls.TargetHost = serverName;
        sockets.ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                var plain = new NetworkStream(socket, ownsSocket: true);
                if (context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps) return plain;
                var encrypted = new SslStream(plain);
                await encrypted.AuthenticateAsClientAsync(tls, cancellationToken);
                return encrypted;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
    }

    /// <summary>Adds credentials, read anew where they lie in files, and bounds the wait for an answer's headers.</summary>
    private sealed class RequestHandler(HttpClientConfig config, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = await CredentialsAsync(cancellationToken);
            if (config.ResponseHeaderTimeout <= TimeSpan.Zero) return await base.SendAsync(request, cancellationToken);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(config.ResponseHeaderTimeout);
            try
            {
                return await base.SendAsync(request, timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException($"no answer within the response_header_timeout of {config.ResponseHeaderTimeout.TotalSeconds:0.###} s");
            }
        }

        private async Task<AuthenticationHeaderValue?> CredentialsAsync(CancellationToken cancellationToken)
        {
            if (config.HasBasicAuth)
            {
                string password = config.PasswordFile.Length > 0 ? await SecretAsync(config.PasswordFile, cancellationToken) : config.Password;
                return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{config.UserName}:{password}")));
            }

            string token = config.BearerTokenFile.Length > 0 ? await SecretAsync(config.BearerTokenFile, cancellationToken) : config.BearerToken;
            return token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", token);
        }

        private static async Task<string> SecretAsync(string path, CancellationToken cancellationToken)
        {
            try
            {
                return (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StoreException(StoreErrorKind.Unavailable, $"unable to read file {path} of --prometheus.http-client: {e.Message}", e);
            }
        }
    }
}
