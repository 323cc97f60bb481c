using System.Globalization;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace Aion.Hosting;

/// <summary><c>http_*</c> of a component's API: totals, latency, sizes and requests in flight, by handler, method and status code.</summary>
/// <remarks>reference/metrics.md M-3. Method is lower case, except in flight.</remarks>
public sealed class HttpMetrics
{
    private readonly Func<HttpContext, string>? _tenant;
    private readonly Counter _requests;
    private readonly Histogram _duration;
    private readonly Histogram _requestSize;
    private readonly Histogram _responseSize;
    private readonly Gauge _inFlight;

    /// <param name="tenant">Gives the value of a <c>tenant</c> label, which query, receive and the frontend have; null for no such label.</param>
    public HttpMetrics(MetricsRegistry metrics, Func<HttpContext, string>? tenant = null)
    {
        _tenant = tenant;
        string[] labels = tenant is null ? ["code", "handler", "method"] : ["code", "handler", "method", "tenant"];
        _requests = metrics.Factory.CreateCounter("http_requests_total", "Tracks the number of HTTP requests.", labels);
        _duration = metrics.Histogram("http_request_duration_seconds", "Tracks the latencies for HTTP requests.", Buckets.LongSeconds, labels);
        _requestSize = metrics.Histogram("http_request_size_bytes", "Tracks the size of HTTP requests.", Buckets.MessageBytes, labels);
        _responseSize = metrics.Histogram("http_response_size_bytes", "Tracks the size of HTTP responses.", Buckets.MessageBytes, labels);
        _inFlight = metrics.Factory.CreateGauge("http_inflight_requests", "Current number of HTTP requests the handler is responding to.", labels[1..]);
        Time = metrics.Time;
    }

    private TimeProvider Time { get; }

    internal Measurement Start(HttpContext http, string handler)
    {
        string? tenant = _tenant?.Invoke(http);
        Gauge.Child inFlight = _inFlight.WithLabels(Labels(handler, http.Request.Method.ToUpperInvariant(), tenant));
        inFlight.Inc();
        return new Measurement(handler, tenant, inFlight, Time.GetTimestamp());
    }

    /// <param name="responseBytes">Body bytes as sent, after compression.</param>
    internal void End(in Measurement measurement, HttpContext http, long responseBytes)
    {
        measurement.InFlight.Dec();
        string[] labels =
        [
            http.Response.StatusCode.ToString(CultureInfo.InvariantCulture),
            .. Labels(measurement.Handler, http.Request.Method.ToLowerInvariant(), measurement.Tenant),
        ];
        _requests.WithLabels(labels).Inc();
        _duration.WithLabels(labels).Observe(Time.GetElapsedTime(measurement.Started).TotalSeconds);
        _requestSize.WithLabels(labels).Observe(ApproximateSize(http.Request));
        _responseSize.WithLabels(labels).Observe(responseBytes);
    }

    private static string[] Labels(string handler, string method, string? tenant) => tenant is null ? [handler, method] : [handler, method, tenant];

    // Request line, headers and body, without what is the same for all.
    private static long ApproximateSize(HttpRequest request)
    {
        long size = request.Method.Length + request.Protocol.Length + request.Path.Value!.Length + (request.QueryString.Value?.Length ?? 0);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in request.Headers)
            foreach (string? value in values) size += name.Length + (value?.Length ?? 0);
        return size + (request.ContentLength ?? 0);
    }

    internal readonly record struct Measurement(string Handler, string? Tenant, Gauge.Child InFlight, long Started);
}
