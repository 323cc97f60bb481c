using Aion.Hosting;
using Aion.Model;
using Aion.Query;
using Aion.Sidecar;
using Aion.Storage;
using Aion.StoreApi;

namespace Aion.Standalone;

/// <summary>A Prometheus that standalone answers over: the sidecar's store without its servers and without uploads.</summary>
/// <remarks>It has a context of its own, so that a Prometheus that is away leaves the process ready: the folder still answers.</remarks>
internal sealed class StandalonePrometheus
{
    private readonly PrometheusHeartbeat _heartbeat;

    private StandalonePrometheus(Uri address, ComponentContext context)
    {
        Context = context;
        var client = new PrometheusClient(
            PrometheusHttpClient.Create(HttpClientConfig.Parse(""), context.Environment.Build.Version), address);
        // One process, one Prometheus: there is nobody to confuse it with, so it needs no external labels.
        var metadata = new PrometheusMetadata(TimeOrDuration.Parse("0000-01-01T00:00:00Z"), context.Time, needsExternalLabels: false);
        _heartbeat = new PrometheusHeartbeat(
            client, metadata, new HeartbeatOptions { Interval = TimeSpan.FromSeconds(15), Timeout = TimeSpan.FromSeconds(15) }, context);
        Store = new PrometheusStore(client, new RemoteReader(client, context.Metrics.Factory), metadata);
        Apis = new PrometheusApis(client, metadata);
    }

    /// <summary>Its rules, targets, metadata, exemplars and statistics.</summary>
    public IFleetApis Apis { get; }

    public ComponentContext Context { get; }

    public IStore Store { get; }

    /// <summary>Null when no address is given.</summary>
    /// <exception cref="ComponentException">The address is none.</exception>
    public static StandalonePrometheus? Create(string address, ComponentContext standalone)
    {
        if (address.Length == 0) return null;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            throw new ComponentException($"--prometheus.url must begin with http:// or https://, got {address}");
        return new StandalonePrometheus(url, new ComponentContext("sidecar", standalone.LoggerFactory, standalone.Time, standalone.Environment));
    }

    public void AddTo(RunGroup group) => group.Add("prometheus", _heartbeat.RunAsync);

    /// <summary>How the stores page shows it.</summary>
    public IReadOnlyList<StoreStatus> Statuses() =>
        [StandaloneComponent.StatusOf(Store, "sidecar", Context, _heartbeat.Known.IsCompleted ? null : "not reached yet")];
}
