using System.Globalization;
using System.Text;
using Aion.Hosting;
using Aion.Model;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary>
/// Tells how far a long piece of work is, once it takes longer than two seconds: a bar on a terminal, a log line every ten seconds
/// elsewhere. Thread-safe; dispose it to remove the bar.
/// </summary>
internal sealed class Progress : IDisposable
{
    private const int BarWidth = 30;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly string _what;
    private readonly long _total;
    private readonly TextWriter? _terminal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private TimeSpan _next = Quiet;
    private long _done;
    private int _drawn;

    /// <param name="total">How much there is to do, in the unit of <see cref="Advance"/>; 0 = not known.</param>
    public Progress(string what, long total, ComponentContext context)
    {
        _what = what;
        _total = total;
        _terminal = context.Environment.Terminal;
        _time = context.Time;
        _logger = context.Logger;
        _start = _time.GetTimestamp();
    }

    public void Advance(long by = 1)
    {
        lock (_lock)
        {
            _done += by;
            TimeSpan elapsed = _time.GetElapsedTime(_start);
            if (elapsed < _next) return;
            _next = elapsed + (_terminal is null ? LogInterval : RedrawInterval);
            if (_terminal is not null) Draw(elapsed);
            else _logger.Info(_what, [("done", _done), ("total", _total), ("elapsed", elapsed), ("remaining", Remaining(elapsed))]);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_drawn == 0) return;
            _terminal!.Write("\r" + new string(' ', _drawn) + "\r");
            _terminal.Flush();
            _drawn = 0;
        }
    }

    private TimeSpan? Remaining(TimeSpan elapsed)
    {
        if (_total <= 0 || _done <= 0 || _done > _total) return null;
        double seconds = Math.Round(elapsed.TotalSeconds * (_total - _done) / _done);
        return seconds < TimeSpan.FromDays(365).TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private void Draw(TimeSpan elapsed)
    {
        StringBuilder line = new(_what);
        if (_total > 0)
        {
            double part = Math.Clamp((double)_done / _total, 0, 1);
            int full = (int)(part * BarWidth);
            line.Append(" [").Append('=', full).Append(' ', BarWidth - full).Append("] ")
                .Append((part * 100).ToString("F0", CultureInfo.InvariantCulture)).Append('%');
        }

        line.Append(CultureInfo.InvariantCulture, $" {_done}");
        if (_total > 0) line.Append(CultureInfo.InvariantCulture, $"/{_total}");
        if (Remaining(elapsed) is { } remaining) line.Append(", ").Append(GoDuration.Format(remaining)).Append(" left");
        int length = line.Length;
        if (length < _drawn) line.Append(' ', _drawn - length);
        _drawn = length;
        _terminal!.Write("\r" + line);
        _terminal.Flush();
    }
}
