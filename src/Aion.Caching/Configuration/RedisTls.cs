using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Aion.ObjectStorage;

namespace Aion.Caching;

/// <summary>TLS towards Redis. The files are read once, when the settings are.</summary>
public sealed class RedisTls
{
    private RedisTls(string serverName, bool skipVerify, SslProtocols protocols, X509Certificate2? certificate, X509Certificate2Collection? authorities)
    {
        ServerName = serverName;
        SkipVerify = skipVerify;
        Protocols = protocols;
        Certificate = certificate;
        Authorities = authorities;
    }

    /// <summary>The name the server's certificate must bear; empty = the host of its address.</summary>
    public string ServerName { get; }

    public bool SkipVerify { get; }

    public SslProtocols Protocols { get; }

    /// <summary>The client's, with its key; null for none.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>Whom to trust in place of the system's authorities; null for those.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <returns>Null where TLS is not enabled.</returns>
    internal static RedisTls? Read(ConfigNode settings)
    {
        bool enabled = settings.Flag("tls_enabled");
        ConfigNode tls = settings.Map("tls_config");
        tls.RefuseUnknown("ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify", "min_version");
        string ca = tls.TextOrEmpty("ca_file"), cert = tls.TextOrEmpty("cert_file"), key = tls.TextOrEmpty("key_file");
        string name = tls.TextOrEmpty("server_name");
        bool skip = tls.Flag("insecure_skip_verify");
        SslProtocols protocols = ProtocolsFrom(tls);
        if (!enabled) return null;
        if ((cert.Length == 0) != (key.Length == 0))
            throw tls.Error(cert.Length == 0 ? "cert_file" : "key_file", "both client key and certificate must be provided");
        return new RedisTls(name, skip, protocols, cert.Length == 0 ? null : Pair(tls, cert, key), ca.Length == 0 ? null : Bundle(tls, ca));
    }

    /// <summary>Whether a chain that the system does not trust ends at one of <see cref="Authorities"/>.</summary>
    internal bool Trusts(X509Certificate2 certificate, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities!);
        if (presented is not null)
            foreach (X509ChainElement element in presented.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(certificate);
    }

    private static SslProtocols ProtocolsFrom(ConfigNode tls) => tls.TextOrEmpty("min_version") switch
    {
#pragma warning disable SYSLIB0039, CA5397 // Old versions only when the user asks for them by name.
        "1.0" => SslProtocols.Tls | SslProtocols.Tls11 | SslProtocols.Tls12 | SslProtocols.Tls13,
        "1.1" => SslProtocols.Tls11 | SslProtocols.Tls12 | SslProtocols.Tls13,
#pragma warning restore SYSLIB0039, CA5397
        "1.2" => SslProtocols.Tls12 | SslProtocols.Tls13,
        // Go's default.
        "" => SslProtocols.Tls12 | SslProtocols.Tls13,
        "1.3" => SslProtocols.Tls13,
        var other => throw tls.Error("min_version", $"unknown TLS version \"{other}\": 1.0, 1.1, 1.2 or 1.3"),
    };

    private static X509Certificate2 Pair(ConfigNode tls, string cert, string key)
    {
        try
        {
            using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(cert, key);
            // Some platforms cannot use a key that lives in memory only for handshakes.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw tls.Error("cert_file", e.Message);
        }
    }

    private static X509Certificate2Collection Bundle(ConfigNode tls, string path)
    {
        try
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? authorities : throw tls.Error("ca_file", $"{path} holds no certificate");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw tls.Error("ca_file", e.Message);
        }
    }
}
