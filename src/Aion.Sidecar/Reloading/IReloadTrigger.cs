namespace Aion.Sidecar;

/// <summary>A way to make Prometheus read its configuration again.</summary>
public interface IReloadTrigger
{
    /// <summary><c>http</c> or <c>signal</c>, as in <c>--reloader.method</c>.</summary>
    string Method { get; }

    /// <summary>Returns once the new configuration is loaded.</summary>
    /// <exception cref="Storage.StoreException">It is not; with Prometheus's own reason where it gives one.</exception>
    Task ReloadAsync(CancellationToken cancellationToken);
}

/// <summary><c>POST /-/reload</c>, which answers when the configuration is loaded.</summary>
public sealed class HttpReload(PrometheusClient prometheus) : IReloadTrigger
{
    public string Method => "http";

    public Task ReloadAsync(CancellationToken cancellationToken) => prometheus.ReloadAsync(cancellationToken);
}
