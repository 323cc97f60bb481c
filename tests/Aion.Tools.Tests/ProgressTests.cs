using System.Globalization;
using Aion.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Aion.Tools.Tests;

public sealed class ProgressTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(ToolProgram.GoldenNow);
    private readonly StringWriter _terminal = new(CultureInfo.InvariantCulture);
    private readonly List<string> _lines = [];

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void What_is_done_within_two_seconds_is_not_told()
    {
        using (Progress progress = new("copying", 10, Context(_terminal)))
        {
            for (int i = 0; i < 10; i++)
            {
                progress.Advance();
                _time.Advance(TimeSpan.FromMilliseconds(150));
            }
        }

        Assert.Equal("", _terminal.ToString());
        Assert.Empty(_lines);
    }

    [Fact]
    public void A_terminal_gets_a_bar_that_goes_at_the_end()
    {
        using (Progress progress = new("copying", 10, Context(_terminal)))
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            progress.Advance(4);
            progress.Advance(1);
        }

        Assert.StartsWith("\rcopying [============                  ] 40% 4/10, 6s left", _terminal.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" \r", _terminal.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _terminal.ToString().Split('[').Length - 1);
        Assert.Empty(_lines);
    }

    [Fact]
    public void Elsewhere_a_line_is_logged_now_and_then()
    {
        using (Progress progress = new("copying", 100, Context(null)))
        {
            for (int i = 0; i < 30; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                progress.Advance();
            }
        }

        Assert.Equal(3, _lines.Count);
        Assert.Contains("copying", _lines[0], StringComparison.Ordinal);
    }

    private ComponentContext Context(TextWriter? terminal)
    {
        ComponentEnvironment environment = new()
        {
            Variable = _ => null,
            Output = TextWriter.Null,
            Terminal = terminal,
            Build = new BuildInformation("1", "a", "main"),
        };
        return new ComponentContext("tool", new Lines(_lines), _time, environment);
    }

    private sealed class Lines(List<string> lines) : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
