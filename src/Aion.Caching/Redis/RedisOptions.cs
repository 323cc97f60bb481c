using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace Aion.Caching;

/// <summary>Our settings in the client library's terms.</summary>
internal static class RedisOptions
{
    public static ConfigurationOptions Of(RedisConfig config)
    {
        var options = new ConfigurationOptions
        {
            // It connects, and connects again, on its own; operations meanwhile fail at once and do not wait for it.
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = Milliseconds(config.DialTimeout),
            AsyncTimeout = Milliseconds(Longer(config.LookupTimeout, config.WriteTimeout)),
            SyncTimeout = Milliseconds(Longer(config.LookupTimeout, config.WriteTimeout)),
            ReconnectRetryPolicy = new LinearRetry(1000),
            DefaultDatabase = config.Database,
            User = config.Username.Length > 0 ? config.Username : null,
            Password = config.Password.Length > 0 ? config.Password : null,
            ServiceName = config.MasterName.Length > 0 ? config.MasterName : null,
            ClientName = "aion",
            // A cache needs neither: they cost a key and a second connection.
            TieBreaker = "",
            ConfigurationChannel = "",
        };
        foreach (string address in config.Addresses) options.EndPoints.Add(address);
        if (config.Tls is { } tls) Apply(options, tls);
        return options;
    }

    private static void Apply(ConfigurationOptions options, RedisTls tls)
    {
        options.Ssl = true;
        options.SslProtocols = tls.Protocols;
        if (tls.ServerName.Length > 0) options.SslHost = tls.ServerName;
        if (tls.Certificate is { } own) options.CertificateSelection += (_, _, _, _, _) => own;
        if (!tls.SkipVerify && tls.Authorities is null) return;
        options.CertificateValidation += (_, certificate, chain, errors) =>
        {
            if (tls.SkipVerify) return true;
            // Only the authorities of the settings count, in place of the system's; the name has to fit all the same.
            return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && certificate is X509Certificate2 leaf && tls.Trusts(leaf, chain);
        };
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static int Milliseconds(TimeSpan duration) => (int)Math.Clamp(Math.Ceiling(duration.TotalMilliseconds), 1, int.MaxValue);
}
