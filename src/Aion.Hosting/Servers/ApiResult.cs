using System.IO.Pipelines;
using System.Text.Json;

namespace Aion.Hosting;

/// <summary>Kinds of API errors and, in <see cref="ApiErrors"/>, their statuses.</summary>
/// <remarks>reference/http-api.md H-3.</remarks>
public enum ApiErrorType : byte
{
    BadData,
    Execution,
    Timeout,
    Canceled,
    Internal,
}

/// <summary>A request fails: the message goes to the client as it is.</summary>
public sealed class ApiException(ApiErrorType type, string message, Exception? inner = null) : Exception(message, inner)
{
    public ApiErrorType Type { get; } = type;
}

/// <summary>What a handler answers: data written straight into the response, and warnings.</summary>
public sealed class ApiResult
{
    private ApiResult(Func<PipeWriter, CancellationToken, ValueTask>? writeData, IReadOnlyList<string> warnings)
    {
        WriteData = writeData;
        Warnings = warnings;
    }

    /// <summary>Status 204 and no body.</summary>
    public static ApiResult NoContent { get; } = new(null, []);

    internal Func<PipeWriter, CancellationToken, ValueTask>? WriteData { get; }

    /// <summary>Shown in the envelope; annotations of PromQL keep their prefix.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Data written with a JSON writer, whole in memory before it is sent.</summary>
    public static ApiResult Json(Action<Utf8JsonWriter> write, IReadOnlyList<string>? warnings = null) =>
        new((target, _) =>
        {
            using Utf8JsonWriter writer = new(target, ApiJson.WriterOptions);
            write(writer);
            return ValueTask.CompletedTask;
        }, warnings ?? []);

    /// <summary>Data written as JSON bytes by the handler, which flushes as it sees fit. Errors after the first flush cut the connection.</summary>
    public static ApiResult Streamed(Func<PipeWriter, CancellationToken, ValueTask> write, IReadOnlyList<string>? warnings = null) =>
        new(write, warnings ?? []);
}

/// <summary>Error types as text and status.</summary>
public static class ApiErrors
{
    public static string Text(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => "bad_data",
        ApiErrorType.Execution => "execution",
        ApiErrorType.Timeout => "timeout",
        ApiErrorType.Canceled => "canceled",
        _ => "internal",
    };

    public static int Status(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => 400,
        ApiErrorType.Execution => 422,
        ApiErrorType.Timeout or ApiErrorType.Canceled => 503,
        _ => 500,
    };
}
