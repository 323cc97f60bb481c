using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Aion.ObjectStorage;

/// <summary>Makes the HTTP handlers under the clients of cloud buckets. Proxies come from the environment.</summary>
public static class BucketHttp
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(15);

    /// <summary>A client without a timeout of its own: a transfer lasts as long as its caller waits; only the head of an answer and pauses within its body are timed.</summary>
    /// <param name="trace">Logs every request at debug level.</param>
    /// <exception cref="BucketConfigException">A certificate or key file can't be read.</exception>
    public static HttpClient CreateClient(BucketHttpConfig config, bool trace, BucketProviderContext context)
    {
        HttpMessageHandler handler = new StallHandler(CreateHandler(config), config.StallTimeout, context.Time);
        if (config.ResponseHeaderTimeout > TimeSpan.Zero) handler = new ResponseHeaderTimeoutHandler(handler, config.ResponseHeaderTimeout, context.Time);
        if (trace) handler = new TraceHandler(handler, context.Logger, context.Time);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static SocketsHttpHandler CreateHandler(BucketHttpConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // The handshake is part of connecting here.
            ConnectTimeout = config.ConnectTimeout + config.TlsHandshakeTimeout,
            Expect100ContinueTimeout = config.ExpectContinueTimeout,
            // Addresses of buckets change; a connection kept for ever would hold on to one that is going away.
            PooledConnectionLifetime = ConnectionLifetime,
        };
        if (config.IdleConnectionTimeout > TimeSpan.Zero) handler.PooledConnectionIdleTimeout = config.IdleConnectionTimeout;
        if (config.MaxConnectionsPerHost > 0) handler.MaxConnectionsPerServer = config.MaxConnectionsPerHost;
        handler.SslOptions = CreateTls(config);
        return handler;
    }

    private static SslClientAuthenticationOptions CreateTls(BucketHttpConfig config)
    {
        var tls = new SslClientAuthenticationOptions();
        try
        {
            if (config.CertFile.Length > 0)
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(config.CertFile, config.KeyFile)];
#pragma warning disable CA5359 // The operator asked for it: insecure_skip_verify.
            if (config.InsecureSkipVerify) tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
            else if (config.CaFile.Length > 0) tls.CertificateChainPolicy = TrustOnly(config.CaFile);
            if (config.ServerName.Length > 0 && !config.InsecureSkipVerify) tls.RemoteCertificateValidationCallback = MustBear(config.ServerName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BucketConfigException(
                $"field config.http_config.tls_config: can't read ca_file \"{config.CaFile}\", cert_file \"{config.CertFile}\", key_file \"{config.KeyFile}\": {e.Message}", e);
        }

        return tls;
    }

    /// <summary>The handler compares the certificate with the address it asks, whatever name it is told: that one finding is ours to make.</summary>
    private static RemoteCertificateValidationCallback MustBear(string serverName) => (_, certificate, _, errors) =>
        (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None
        && certificate is X509Certificate2 presented && presented.MatchesHostname(serverName);

    private static X509ChainPolicy TrustOnly(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        if (policy.CustomTrustStore.Count == 0) throw new CryptographicException($"{caFile} holds no certificate");
        return policy;
    }

    /// <summary>Gives up on a server that has the whole request and sends no head of an answer.</summary>
    private sealed class ResponseHeaderTimeoutHandler(HttpMessageHandler inner, TimeSpan timeout, TimeProvider time) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var overdue = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellationToken);
            if (request.Content is null) overdue.CancelAfter(timeout);
            else request.Content = new SentNotifyingContent(request.Content, () => overdue.CancelAfter(timeout));
            try
            {
                return await base.SendAsync(request, linked.Token);
            }
            catch (OperationCanceledException e) when (overdue.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException($"no answer within {timeout.TotalSeconds:0.###} s of the request (response_header_timeout)", e);
            }
        }
    }

    /// <summary>Passes a body through and tells when all of it was handed over.</summary>
    private sealed class SentNotifyingContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Action _sent;

        public SentNotifyingContent(HttpContent inner, Action sent)
        {
            _inner = inner;
            _sent = sent;
            foreach (KeyValuePair<string, IEnumerable<string>> header in inner.Headers) Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            await _inner.CopyToAsync(stream, context, cancellationToken);
            _sent();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _inner.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>One line a request, without headers: those hold credentials, and a query may hold a signature.</summary>
    private sealed class TraceHandler(HttpMessageHandler inner, ILogger logger, TimeProvider time) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            long start = time.GetTimestamp();
            string target = request.RequestUri!.GetLeftPart(UriPartial.Path);
            try
            {
                HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
                logger.LogDebug(
                    "bucket request {Method} {Target} range {Range}: {Status} after {Duration} ms",
                    request.Method, target, request.Headers.Range, (int)response.StatusCode, time.GetElapsedTime(start).TotalMilliseconds);
                return response;
            }
            catch (Exception e)
            {
                logger.LogDebug("bucket request {Method} {Target} failed: {Error}", request.Method, target, e.Message);
                throw;
            }
        }
    }
}
