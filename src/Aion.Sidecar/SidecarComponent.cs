using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;
using Aion.Protocol;
using Aion.Storage;
using Aion.StoreApi;
using Microsoft.Extensions.Logging;

namespace Aion.Sidecar;

/// <summary><c>aion sidecar</c>: beside a Prometheus, serves its data over the Store API and ships its blocks to a bucket.</summary>
public static class SidecarComponent
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "sidecar", "Sidecar for Prometheus server: serves its data to queriers and ships its blocks to a bucket.",
        static flags => new SidecarFlags(flags), SetupAsync);

    private static async Task SetupAsync(
        SidecarFlags handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        string tsdbPath = flags.Get(handles.TsdbPath);
        ShipperOptions shipping = handles.Shipper.Options(flags, tsdbPath);
        string bucketYaml = await handles.ObjectStorage.ReadAsync(flags, context.Environment, cancellationToken);
        bool uploads = bucketYaml.Length > 0;
        if (!uploads) context.Logger.Info("no supported bucket was configured, uploads will be disabled");

        RequestLogConfig requestLog = await handles.RequestLog.ReadAsync(flags, context.Environment, cancellationToken);
        string httpYaml = await handles.HttpClient.ReadAsync(flags, context.Environment, cancellationToken);
        var client = new PrometheusClient(CreateHttpClient(httpYaml, context), PrometheusAddress(handles, flags));
        var metadata = new PrometheusMetadata(flags.Get(handles.MinTime), context.Time);
        var heartbeat = new PrometheusHeartbeat(client, metadata, Heartbeat(handles, flags, uploads ? shipping : null), context);

        new HttpServer(context, handles.Http.Options(flags)).AddTo(group);
        group.Add("prometheus heartbeat", heartbeat.RunAsync);
        var reloader = new ConfigReloader(handles.Reloader.Options(flags), handles.Reloader.Trigger(flags, client, context.Time), context);
        group.Add("reloader", reloader.RunAsync);
        AddStoreApi(
            handles, handles.Grpc.Options(flags) with { RequestLog = requestLog.Grpc }, flags, context, group, heartbeat,
            new PrometheusStore(client, new RemoteReader(client, context.Metrics.Factory), metadata), new PrometheusApis(client, metadata));
        if (uploads) AddShipper(bucketYaml, shipping, flags.Get(handles.ReadyTimeout), context, group, heartbeat, () => metadata.ExternalLabels);
        context.Logger.Info("starting sidecar");
    }

    private static void AddStoreApi(
        SidecarFlags handles, GrpcServerOptions server, ParsedFlags flags, ComponentContext context, RunGroup group, PrometheusHeartbeat heartbeat,
        IStore store, IFleetApis apis)
    {
        var limits = new StoreLimits(Limit(flags, handles.Limits.Series), Limit(flags, handles.Limits.Samples));
        var limited = new LimitedStore(store, limits, context.Metrics);
        new GrpcServer(
            context, server,
            static routes =>
            {
                routes.MapFleetApis();
                routes.MapStoreApi();
            },
            services => services.AddStoreApi(limited, context, ServedApis.Store | FleetServices.Served).AddFleetApis(apis))
            .AddTo(group, heartbeat.Known.WaitAsync);
    }

    private static void AddShipper(
        string bucketYaml, ShipperOptions options, TimeSpan readyTimeout, ComponentContext context, RunGroup group,
        PrometheusHeartbeat heartbeat, Func<Labels> labels)
    {
        context.Logger.Info("loading bucket configuration");
        IBucket bucket;
        try
        {
            bucket = context.Environment.Buckets.Create(bucketYaml, context.Metrics.Factory, context.Time, context.Logger, context.Environment.Variable);
        }
        catch (BucketConfigException e)
        {
            throw new ComponentException(e.Message, e);
        }

        var metrics = new ShipperMetrics(context.Metrics.Factory);
        ILogger logger = context.Logger.With([("component", "shipper")]);
        var shipper = new Shipper(bucket, options, labels, metrics, context.Time, logger);
        group.Add("shipper", new ShipperLoop(shipper, options, heartbeat.Known, readyTimeout, context).RunAsync);
    }

    private static HeartbeatOptions Heartbeat(SidecarFlags handles, ParsedFlags flags, ShipperOptions? shipping) => new()
    {
        Interval = Positive(flags, handles.GetConfigInterval),
        Timeout = Positive(flags, handles.GetConfigTimeout),
        ShipperFile = shipping is null ? null : Path.Combine(shipping.DataDirectory, shipping.StateFileName),
        IgnoreUnequalBlockSize = flags.Get(handles.Shipper.IgnoreUnequalBlockSize),
    };

    // Beyond what can be counted there is no limit to meet.
    private static long Limit(ParsedFlags flags, Flag<ulong> flag) => (long)Math.Min(flags.Get(flag), long.MaxValue);

    private static TimeSpan Positive(ParsedFlags flags, Flag<TimeSpan> flag)
    {
        TimeSpan value = flags.Get(flag);
        return value > TimeSpan.Zero ? value : throw new ComponentException($"--{flag.Name} must be more than 0");
    }

    private static Uri PrometheusAddress(SidecarFlags handles, ParsedFlags flags)
    {
        Uri address = flags.Get(handles.PrometheusUrl);
        return address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new ComponentException($"--{handles.PrometheusUrl.Name} must begin with http:// or https://, got {address}");
    }

    private static HttpClient CreateHttpClient(string yaml, ComponentContext context)
    {
        HttpClientConfig config = HttpClientConfig.Parse(yaml);
        foreach (string warning in config.Warnings) context.Logger.Warn($"--prometheus.http-client: {warning}; it has no effect");
        return PrometheusHttpClient.Create(config, context.Environment.Build.Version);
    }
}
