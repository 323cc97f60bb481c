using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// The web config in force: looked at on each request and handshake and read anew when it or a file it names has changed. While it cannot be
/// read, requests and handshakes fail; an old state is not kept alive behind the operator's back.
/// </summary>
internal sealed class WebConfigSource
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Lock _reading = new(); // guards the replacement of _loaded
    private Loaded _loaded;

    private WebConfigSource(string path, ILogger logger, Loaded loaded)
    {
        _path = path;
        _logger = logger;
        _loaded = loaded;
    }

    /// <summary>Whether the server speaks TLS; fixed at start, as is <see cref="Http2"/>.</summary>
    public bool HasTls { get; private init; }

    public bool Http2 { get; private init; }

    /// <exception cref="ComponentException">The file or one it names is wrong.</exception>
    public static WebConfigSource Load(string path, ILogger logger)
    {
        try
        {
            Loaded loaded = Read(path);
            return new WebConfigSource(path, logger, loaded)
            {
                HasTls = loaded.Tls is not null,
                Http2 = loaded.Config.HttpServerConfig?.Http2 ?? true,
            };
        }
        catch (ComponentException e)
        {
            throw new ComponentException("server could not be started", e);
        }
    }

    /// <summary>The state the files describe now.</summary>
    /// <exception cref="ComponentException">They changed and are wrong now.</exception>
    public Loaded Current()
    {
        Loaded loaded = Volatile.Read(ref _loaded);
        if (FileVersions.Of(loaded.Files) == loaded.Versions) return loaded;
        lock (_reading)
        {
            try
            {
                Loaded read = Read(_path);
                if ((read.Tls is not null) != HasTls) throw new ComponentException("TLS cannot be turned on or off without a restart");
                _loaded = read;
                _logger.Info("web config reloaded", [("path", _path)]);
                return read;
            }
            catch (ComponentException e)
            {
                _logger.Error("web config cannot be used", [("path", _path), ("err", e)]);
                throw;
            }
        }
    }

    public void UseTls(ListenOptions listen)
    {
        if (!HasTls) return;
        listen.Protocols = Http2 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Current().Tls!.Options()) });
    }

    private static Loaded Read(string path)
    {
        WebConfig config = WebConfig.Parse(ReadText("web config", path, path));
        string[] files = [path, .. NamedFiles(path, config)];
        // Versions first: a change while reading is seen at the next look.
        FileVersions versions = FileVersions.Of(files);
        PasswordHash? passwords = config.BasicAuthUsers is { Count: > 0 } users ? new PasswordHash(users) : null;
        return new Loaded(config, config.HasTls ? ReadTls(path, config.TlsServerConfig!) : null, passwords, files, versions);
    }

    private static TlsMaterial ReadTls(string path, WebConfig.TlsSection tls) => TlsMaterial.Create(
        tls.CertFile.Length > 0 ? ReadText("cert_file", Beside(path, tls.CertFile), tls.CertFile) : tls.Cert,
        tls.KeyFile.Length > 0 ? ReadText("key_file", Beside(path, tls.KeyFile), tls.KeyFile) : tls.Key,
        tls.ClientCaFile.Length > 0 ? ReadText("client_ca_file", Beside(path, tls.ClientCaFile), tls.ClientCaFile) : tls.ClientCa,
        WebConfig.Client(tls.ClientAuthType),
        WebConfig.Versions(tls.MinVersion, tls.MaxVersion));

    private static IEnumerable<string> NamedFiles(string path, WebConfig config) =>
        config.TlsServerConfig is not { } tls
            ? []
            : new[] { tls.CertFile, tls.KeyFile, tls.ClientCaFile }.Where(file => file.Length > 0).Select(file => Beside(path, file));

    private static string Beside(string path, string file) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file);

    private static string ReadText(string what, string path, string shown)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentException($"failed to read {what} ({shown}): {e.Message}");
        }
    }

    /// <summary>One reading of the files.</summary>
    internal sealed record Loaded(WebConfig Config, TlsMaterial? Tls, PasswordHash? Passwords, IReadOnlyList<string> Files, FileVersions Versions);
}
