using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Logs gRPC calls, with the messages and fields of the field's logging interceptor.</summary>
internal sealed class GrpcRequestLog(RequestLogRules rules, ILogger logger, TimeProvider time)
{
    private readonly ILogger _logger = logger.With([("protocol", "grpc"), ("grpc.component", "server")]);

    public bool Logs(ServerCallContext context) => rules.Only.Count == 0 || rules.Only.Contains(context.Method);

    public void Started(ServerCallContext context, MethodType type)
    {
        if (rules.Starts) Write(LogLevel.Debug, "started call", [.. Fields(context, type), ("grpc.start_time", time.GetUtcNow())]);
    }

    public void Finished(ServerCallContext context, MethodType type, StatusCode code, string? error, TimeSpan elapsed)
    {
        LogLevel level = code is StatusCode.Unknown or StatusCode.Unimplemented or StatusCode.Internal or StatusCode.DataLoss ? LogLevel.Error : LogLevel.Debug;
        List<(string Key, object? Value)> fields = [.. Fields(context, type), ("grpc.code", code.ToString())];
        if (error is not null) fields.Add(("grpc.error", error));
        fields.Add(("grpc.time_ms", elapsed.TotalMilliseconds));
        Write(level, "finished call", [.. fields]);
    }

    private static (string Key, object? Value)[] Fields(ServerCallContext context, MethodType type)
    {
        int service = context.Method.LastIndexOf('/');
        return
        [
            ("requestID", context.RequestHeaders.GetValue("request-id") ?? ""),
            ("grpc.service", context.Method[..service].TrimStart('/')),
            ("grpc.method", context.Method[(service + 1)..]),
            ("grpc.method_type", type switch
            {
                MethodType.Unary => "unary",
                MethodType.ClientStreaming => "client_stream",
                MethodType.ServerStreaming => "server_stream",
                _ => "bidi_stream",
            }),
            ("peer.address", context.Peer[(context.Peer.IndexOf(':', StringComparison.Ordinal) + 1)..]),
        ];
    }

    private void Write(LogLevel level, string message, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        if (level < rules.Lowest) return;
        if (level == LogLevel.Error) _logger.Error(message, fields);
        else _logger.Debug(message, fields);
    }
}
