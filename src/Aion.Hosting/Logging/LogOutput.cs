using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Forms a log line can take.</summary>
public enum LogFormat : byte
{
    Logfmt,
    Json,
}

/// <summary>
/// The process's log: one line a record, written to the destination by a single write. Thread-safe. Lines of the web server and gRPC
/// libraries pass from warning up; all others from the given level up.
/// </summary>
/// <remarks>Form: reference/cli-conventions.md §7.</remarks>
public sealed class LogOutput(Stream destination, LogFormat format, LogLevel minimum, TimeProvider time, string name = "") : ILoggerFactory
{
    private readonly Lock _writing = new(); // guards _line and the destination
    private readonly ArrayBufferWriter<byte> _line = new(512);

    internal LogLevel Minimum => minimum;

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName, MinimumOf(categoryName), []);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("the log has one destination");

    public void Dispose() => destination.Flush();

    internal void Write(LogLevel level, string caller, ReadOnlySpan<(string Key, object? Value)> bound, string? message,
        ReadOnlySpan<(string Key, object? Value)> fields)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_writing)
        {
            _line.ResetWrittenCount();
            LogLine line = new(now, caller, name, LevelText(level), message);
            if (format == LogFormat.Json) JsonLine.Write(_line, line, bound, fields);
            else LogfmtLine.Write(_line, line, bound, fields);
            destination.Write(_line.WrittenSpan);
            destination.Flush();
        }
    }

    private LogLevel MinimumOf(string category)
    {
        // The web host reports a failed start to its caller as well, who logs it.
        if (category.StartsWith("Microsoft.Extensions.Hosting.", StringComparison.Ordinal)) return LogLevel.None;
        bool isLibrary = category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("Grpc.", StringComparison.Ordinal)
            || category.StartsWith("System.", StringComparison.Ordinal);
        return isLibrary && minimum < LogLevel.Warning ? LogLevel.Warning : minimum;
    }

    private static string LevelText(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}

/// <summary>The fixed part of a line.</summary>
internal readonly record struct LogLine(DateTimeOffset Time, string Caller, string Name, string Level, string? Message);
