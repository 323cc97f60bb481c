using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>TLS of the gRPC server from its flags; certificates are read anew when their files change, and kept when the new ones are wrong.</summary>
internal sealed class GrpcTls
{
    private readonly GrpcServerOptions _options;
    private readonly ILogger _logger;
    private readonly string[] _files;
    private readonly Lock _reading = new(); // guards _material and _versions
    private FileVersions _versions;
    private TlsMaterial _material;

    private GrpcTls(GrpcServerOptions options, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _files = [.. new[] { options.CertificatePath, options.KeyPath, options.ClientAuthorityPath }.Where(file => file.Length > 0)];
        _versions = FileVersions.Of(_files);
        _material = Read();
    }

    /// <returns>Null when no certificate is configured.</returns>
    /// <exception cref="ComponentException">Half a pair, a client CA without a pair, or files that cannot be used.</exception>
    public static GrpcTls? Load(GrpcServerOptions options, ILogger logger)
    {
        if (options.CertificatePath.Length == 0 && options.KeyPath.Length == 0)
        {
            if (options.ClientAuthorityPath.Length > 0)
                throw new ComponentException("setup gRPC server: when a client CA is used a server key and certificate must also be provided");
            logger.Info("disabled TLS, key and cert must be set to enable");
            return null;
        }

        if (options.CertificatePath.Length == 0 || options.KeyPath.Length == 0)
            throw new ComponentException("setup gRPC server: both server key and certificate must be provided");
        GrpcTls tls = new(options, logger);
        logger.Info("enabled server TLS");
        if (options.ClientAuthorityPath.Length > 0) logger.Info("server TLS client verification enabled");
        return tls;
    }

    public void UseTls(ListenOptions listen) =>
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Current().Options()) });

    private TlsMaterial Current()
    {
        lock (_reading)
        {
            FileVersions versions = FileVersions.Of(_files);
            if (versions == _versions) return _material;
            _versions = versions;
            try
            {
                _material = Read();
                _logger.Info("server TLS certificate reloaded");
            }
            catch (ComponentException e)
            {
                _logger.Error("server TLS certificate cannot be reloaded; the old one stays", [("err", e)]);
            }

            return _material;
        }
    }

    private TlsMaterial Read() => TlsMaterial.Create(
        ReadText("server certificate", _options.CertificatePath),
        ReadText("server key", _options.KeyPath),
        _options.ClientAuthorityPath.Length > 0 ? ReadText("client CA", _options.ClientAuthorityPath) : "",
        _options.ClientAuthorityPath.Length > 0 ? ClientCertificate.VerifiedRequired : ClientCertificate.NotAsked,
        WebConfig.Versions(_options.MinimumTlsVersion, "1.3"));

    private static string ReadText(string what, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"setup gRPC server: reading {what}: {e.Message}", e);
        }
    }
}
