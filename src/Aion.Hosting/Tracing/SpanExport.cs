using Aion.ObjectStorage;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Aion.Hosting;

/// <summary>
/// Sends the spans of this process to an OTLP collector: of requests that are served, of requests to others, and of bucket operations. Traces go
/// on across processes by W3C's headers.
/// </summary>
internal static class SpanExport
{
    private const string ServedRequests = "Microsoft.AspNetCore";
    private const string OwnRequests = "System.Net.Http";
    private const string ServedRequestsWithoutTags = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>Disposing it sends what is left.</summary>
    /// <exception cref="ComponentException">A certificate or key file can't be read.</exception>
    public static IDisposable Start(TracingConfig config, ComponentContext context)
    {
        // The framework leaves method, route and status out of its spans unless it is told otherwise.
        AppContext.SetSwitch(ServedRequestsWithoutTags, false);
        HttpClient client = CreateClient(config, context);
        string service = config.ServiceName.Length > 0 ? config.ServiceName : "aion-" + context.Name;
        return Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource
                .AddService(service, serviceVersion: context.Environment.Build.Version)
                .AddAttributes(config.ResourceAttributes.Select(a => KeyValuePair.Create(a.Key, (object)a.Value))))
            .AddSource(BucketTracing.SourceName, ServedRequests, OwnRequests)
            .SetSampler(SamplerOf(config))
            .AddOtlpExporter(options =>
            {
                options.Protocol = config.UsesGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
                options.Endpoint = config.Endpoint;
                options.TimeoutMilliseconds = (int)Math.Min(config.Timeout.TotalMilliseconds, int.MaxValue);
                options.Compression = config.Compress ? OtlpExportCompression.GZip : OtlpExportCompression.None;
                options.HttpClientFactory = () => client;
            })
            .Build();
    }

    private static HttpClient CreateClient(TracingConfig config, ComponentContext context)
    {
        try
        {
            HttpClient client = BucketHttp.CreateClient(config.Http, trace: false, new BucketProviderContext(context.Time, context.Logger, context.Environment.Variable));
            client.Timeout = config.Timeout;
            // The exporter's own list of headers knows no commas within a value.
            foreach ((string name, string value) in config.Headers) client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            return client;
        }
        catch (BucketConfigException e)
        {
            throw new ComponentException(
                $"tracing configuration: field config.tls_config: can't read ca_file \"{config.Http.CaFile}\", cert_file \"{config.Http.CertFile}\", key_file \"{config.Http.KeyFile}\"", e);
        }
    }

    private static Sampler SamplerOf(TracingConfig config)
    {
        Sampler own = config.Ratio switch
        {
            >= 1 => new AlwaysOnSampler(),
            <= 0 => new AlwaysOffSampler(),
            _ => new TraceIdRatioBasedSampler(config.Ratio),
        };
        return config.ParentDecides ? new ParentBasedSampler(own) : own;
    }
}
