using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>A logger of <see cref="LogOutput"/>: turns structured records, and ordinary log calls of libraries, into lines.</summary>
internal sealed class LineLogger(LogOutput output, string category, LogLevel minimum, (string Key, object? Value)[] bound) : ILogger
{
    public LineLogger With(ReadOnlySpan<(string Key, object? Value)> fields) => new(output, category, minimum, [.. bound, .. fields]);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        if (state is LogRecord record)
        {
            string caller = string.Create(CultureInfo.InvariantCulture, $"{FileName(record.File)}:{record.Line}");
            output.Write(logLevel, caller, bound, record.Message, record.Fields);
            return;
        }

        (string message, (string Key, object? Value)[] fields) = TemplateMessage.Split(state) ?? (formatter(state, exception), []);
        output.Write(logLevel, category, bound, message, exception is null ? fields : [.. fields, ("err", exception)]);
    }

    // Source paths are those of the build machine, whatever its separator.
    private static string FileName(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
}
