using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>
/// Structured log lines: <c>logger.Info("loaded new block", [("id", id), ("elapsed", elapsed)])</c>. Keys and messages are the field's;
/// values may be text, numbers, booleans, durations, times, exceptions or null. The caller's file and line go into the line.
/// </summary>
public static class LoggerExtensions
{
    public static void Debug(this ILogger logger, string message, ReadOnlySpan<(string Key, object? Value)> fields = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Write(logger, LogLevel.Debug, message, fields, file, line);

    public static void Info(this ILogger logger, string? message, ReadOnlySpan<(string Key, object? Value)> fields = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Write(logger, LogLevel.Information, message, fields, file, line);

    public static void Warn(this ILogger logger, string message, ReadOnlySpan<(string Key, object? Value)> fields = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Write(logger, LogLevel.Warning, message, fields, file, line);

    /// <param name="message">Null for lines that consist of their fields, such as the final <c>err=…</c> of a command.</param>
    public static void Error(this ILogger logger, string? message, ReadOnlySpan<(string Key, object? Value)> fields = default,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Write(logger, LogLevel.Error, message, fields, file, line);

    /// <summary>A logger whose lines carry these fields before their message: <c>service</c>, <c>component</c>, <c>protocol</c>.</summary>
    public static ILogger With(this ILogger logger, ReadOnlySpan<(string Key, object? Value)> fields) => logger switch
    {
        LineLogger own => own.With(fields),
        _ => new BoundLogger(logger, fields.ToArray()),
    };

    private static void Write(ILogger logger, LogLevel level, string? message, ReadOnlySpan<(string Key, object? Value)> fields,
        string file, int line)
    {
        if (!logger.IsEnabled(level)) return;
        LogRecord record = new(message, fields.ToArray(), file, line);
        logger.Log(level, default, record, null, static (state, _) => state.ToString());
    }
}
