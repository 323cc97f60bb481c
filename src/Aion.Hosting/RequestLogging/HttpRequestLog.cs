using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Says that an endpoint is part of the API, and by which name it goes in metrics and logs.</summary>
internal sealed record HandlerLabel(string Name);

/// <summary>Logs requests to the API, with Thanos's messages and fields.</summary>
internal sealed class HttpRequestLog(RequestLogRules rules, ILogger logger, TimeProvider time)
{
    private readonly ILogger _logger = logger.With([("protocol", "http"), ("http.component", "server")]);

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<HandlerLabel>() is not { } handler || !IsChosen(http.Request))
        {
            await next(http);
            return;
        }

        if (rules.Starts) Write(LogLevel.Debug, "started call", [("http.start_time", time.GetUtcNow()), .. Fields(http.Request), ("thanos.method_name", handler.Name)]);
        long started = time.GetTimestamp();
        try
        {
            await next(http);
        }
        finally
        {
            int status = http.Response.StatusCode;
            Write(
                status is >= 200 and < 500 ? LogLevel.Debug : LogLevel.Error, "finished call",
                [
                    .. Fields(http.Request), ("http.status_code", status), ("http.time_ms", time.GetElapsedTime(started).TotalMilliseconds),
                    ("http.remote_addr", RemoteOf(http)), ("thanos.method_name", handler.Name),
                ]);
        }
    }

    private static (string Key, object? Value)[] Fields(HttpRequest request) =>
    [
        ("http.method", $"{request.Method} {request.Path}{request.QueryString}"),
        ("http.request_id", request.Headers[ApiRoutes.RequestIdHeader].ToString()),
        ("http.user_agent", request.Headers.UserAgent.ToString()),
    ];

    private static string RemoteOf(HttpContext http)
    {
        string forwarded = http.Request.Headers["X-Forwarded-For"].ToString();
        if (forwarded.Length > 0 || http.Connection.RemoteIpAddress is not { } address) return forwarded;
        return new IPEndPoint(address, http.Connection.RemotePort).ToString();
    }

    private bool IsChosen(HttpRequest request)
    {
        if (rules.Only.Count == 0) return true;
        string port = request.Host.Port?.ToString(CultureInfo.InvariantCulture) ?? "";
        return rules.Only.Contains($"{request.Path}:{port}") || rules.Only.Contains($"{request.Path}{request.QueryString}:{port}");
    }

    private void Write(LogLevel level, string message, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        if (level < rules.Lowest) return;
        if (level == LogLevel.Error) _logger.Error(message, fields);
        else _logger.Debug(message, fields);
    }
}
