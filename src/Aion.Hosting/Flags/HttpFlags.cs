namespace Aion.Hosting;

/// <summary>Flags of the HTTP server; reference/cli-flags.md §2.1.</summary>
public sealed class HttpFlags
{
    public HttpFlags(FlagSet flags)
    {
        Address = flags.String("http-address", "Address the HTTP endpoints listen on: host:port.", "0.0.0.0:10902");
        GracePeriod = flags.PrometheusDuration("http-grace-period", "How long to let running requests end after a signal.", "2m");
        Config = flags.String("http.config",
            "[EXPERIMENTAL] Path of a file that turns on TLS, basic authentication or response headers for all HTTP endpoints.", "");
    }

    public Flag<string> Address { get; }

    public Flag<TimeSpan> GracePeriod { get; }

    public Flag<string> Config { get; }

    public HttpServerOptions Options(ParsedFlags flags) => new()
    {
        Address = flags.Get(Address),
        GracePeriod = flags.Get(GracePeriod),
        ConfigPath = flags.Get(Config),
    };
}
