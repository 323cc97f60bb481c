using Microsoft.Extensions.Logging;

namespace Aion.Hosting;

/// <summary>Adds fields to the structured lines of a logger that is not ours, as tests use; other lines pass unchanged.</summary>
internal sealed class BoundLogger(ILogger inner, (string Key, object? Value)[] bound) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is LogRecord record)
        {
            LogRecord widened = record with { Fields = [.. bound, .. record.Fields] };
            inner.Log(logLevel, eventId, widened, exception, static (s, _) => s.ToString());
        }
        else
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
