using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Prometheus;

namespace Aion.Hosting;

/// <summary>Probes, metrics, and the profiling paths, which are refused with the way to profile this program.</summary>
internal static class CommonEndpoints
{
    private const string PlainText = "text/plain; charset=utf-8";

    public static void Map(IEndpointRouteBuilder endpoints, ComponentContext context)
    {
        endpoints.Map("/-/healthy", http => WriteProbeAsync(http, context.Probe.IsHealthy));
        endpoints.Map("/-/ready", http => WriteProbeAsync(http, context.Probe.IsReady));
        endpoints.Map("/metrics", http => WriteMetricsAsync(http, context.Metrics));
        endpoints.Map("/debug/pprof/{**profile}", WriteNoProfileAsync);
        endpoints.Map("/debug/fgprof", WriteNoProfileAsync);
    }

    private static Task WriteProbeAsync(HttpContext http, bool isUp)
    {
        http.Response.ContentType = PlainText;
        if (isUp) return http.Response.WriteAsync("OK", http.RequestAborted);
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.WriteAsync("NOT OK\n", http.RequestAborted);
    }

    private static async Task WriteMetricsAsync(HttpContext http, MetricsRegistry metrics)
    {
        MetricsFormat format = MetricsFormat.Negotiate(http.Request.Headers.Accept.ToString());
        http.Response.ContentType = format.ContentType;
        if (!GzipNegotiation.Accepts(http.Request))
        {
            await metrics.Registry.CollectAndExportAsTextAsync(http.Response.Body, format.Exposition, http.RequestAborted);
            return;
        }

        http.Response.Headers.ContentEncoding = "gzip";
        await using GZipStream zipped = new(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await metrics.Registry.CollectAndExportAsTextAsync(zipped, format.Exposition, http.RequestAborted);
    }

    private static Task WriteNoProfileAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status501NotImplemented;
        http.Response.ContentType = PlainText;
        return http.Response.WriteAsync(
            $"Go profiles do not exist here. Take a trace with: dotnet-trace collect --process-id {Environment.ProcessId}\n", http.RequestAborted);
    }
}

/// <summary>Exposition form chosen by the Accept header.</summary>
internal readonly record struct MetricsFormat(ExpositionFormat Exposition, string ContentType)
{
    private const string OpenMetrics = "application/openmetrics-text";

    /// <summary>OpenMetrics when the client names it and prefers nothing served here to it, else the Prometheus text form.</summary>
    public static MetricsFormat Negotiate(string accept)
    {
        (double best, MetricsFormat format) = (0, Text);
        foreach (string range in accept.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
            double quality = GzipNegotiation.Quality(parts);
            MetricsFormat? candidate = parts[0] switch
            {
                OpenMetrics => parts.Contains("version=1.0.0") ? OpenMetricsOf("1.0.0") : OpenMetricsOf("0.0.1"),
                "text/plain" or "*/*" or "text/*" => Text,
                _ => null,
            };
            if (candidate is not { } found || quality <= best) continue;
            (best, format) = (quality, found);
        }

        return format;
    }

    private static MetricsFormat Text { get; } =
        new(ExpositionFormat.PrometheusText, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");

    private static MetricsFormat OpenMetricsOf(string version) =>
        new(ExpositionFormat.OpenMetricsText, $"{OpenMetrics}; version={version}; charset=utf-8; escaping=underscores");
}
