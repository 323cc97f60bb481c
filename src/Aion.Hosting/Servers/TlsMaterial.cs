using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aion.Hosting;

/// <summary>What clients must show.</summary>
internal enum ClientCertificate : byte
{
    NotAsked,
    Asked,
    AnyRequired,
    VerifiedIfGiven,
    VerifiedRequired,
}

/// <summary>A server's certificate chain, the authorities for its clients and its protocol versions, read from PEM text.</summary>
internal sealed class TlsMaterial
{
    private readonly SslStreamCertificateContext _certificate;
    private readonly X509Certificate2Collection? _clientAuthorities;
    private readonly ClientCertificate _client;
    private readonly SslProtocols _protocols;

    private TlsMaterial(SslStreamCertificateContext certificate, X509Certificate2Collection? clientAuthorities, ClientCertificate client,
        SslProtocols protocols)
    {
        _certificate = certificate;
        _clientAuthorities = clientAuthorities;
        _client = client;
        _protocols = protocols;
    }

    /// <param name="certificatePem">The server's certificate, then any intermediates.</param>
    /// <param name="clientAuthorityPem">Certificates that sign clients'; "" for none.</param>
    /// <exception cref="ComponentException">A part is not PEM, or the key is not the certificate's.</exception>
    public static TlsMaterial Create(string certificatePem, string keyPem, string clientAuthorityPem, ClientCertificate client,
        SslProtocols protocols)
    {
        try
        {
            X509Certificate2 leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            X509Certificate2Collection chain = [];
            chain.ImportFromPem(certificatePem);
            chain.RemoveAt(0);
            X509Certificate2Collection? authorities = null;
            if (clientAuthorityPem.Length > 0)
            {
                authorities = [];
                authorities.ImportFromPem(clientAuthorityPem);
                if (authorities.Count == 0) throw new ComponentException("client CA: no certificate found");
            }

            return new TlsMaterial(SslStreamCertificateContext.Create(leaf, chain, offline: true), authorities, client, protocols);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ComponentException($"TLS certificate and key: {e.Message}", e);
        }
    }

    /// <summary>Fresh options for one connection; the server adds its application protocols.</summary>
    public SslServerAuthenticationOptions Options()
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = _certificate,
            EnabledSslProtocols = _protocols,
            ClientCertificateRequired = _client != ClientCertificate.NotAsked,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => Accepts(certificate is not null, errors),
        };
        if (_clientAuthorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_clientAuthorities);
            options.CertificateChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // client authentication
        }

        return options;
    }

    private bool Accepts(bool isGiven, SslPolicyErrors errors) => _client switch
    {
        ClientCertificate.VerifiedRequired => isGiven && errors == SslPolicyErrors.None,
        ClientCertificate.VerifiedIfGiven => !isGiven || errors == SslPolicyErrors.None,
        ClientCertificate.AnyRequired => isGiven,
        _ => true,
    };
}
