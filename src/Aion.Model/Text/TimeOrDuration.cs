namespace Aion.Model;

/// <summary>
/// A point in time that is fixed (RFC 3339) or moves with the clock (<c>-2h</c>: two hours before now). The flags for time bounds hold one.
/// </summary>
public readonly record struct TimeOrDuration
{
    private readonly string? _text;
    private readonly long _timeMs;

    private TimeOrDuration(string text, long timeMs, TimeSpan? fromNow)
    {
        _text = text;
        _timeMs = timeMs;
        FromNow = fromNow;
    }

    /// <summary>Distance from now when the point moves; null when it is fixed.</summary>
    public TimeSpan? FromNow { get; }

    /// <summary>Milliseconds since the epoch when the point is fixed; null when it moves.</summary>
    public long? FixedMs => FromNow is null ? _timeMs : null;

    /// <exception cref="FormatException">Neither a time nor a duration; names the text.</exception>
    public static TimeOrDuration Parse(string text) =>
        TryParse(text, out TimeOrDuration value, out string? error) ? value : throw new FormatException(error);

    /// <param name="error">What is wrong, naming the text; null on success.</param>
    public static bool TryParse(string text, out TimeOrDuration value, out string? error)
    {
        value = default;
        error = null;
        if (Rfc3339.TryParseMs(text, out long timeMs))
        {
            value = new TimeOrDuration(text, timeMs, null);
            return true;
        }

        bool negative = text.StartsWith('-');
        if (!PrometheusDuration.TryParse(negative ? text[1..] : text, out TimeSpan duration, out error)) return false;
        value = new TimeOrDuration(text, 0, negative ? -duration : duration);
        return true;
    }

    /// <summary>The point now, in milliseconds since the epoch; ask again at every use, a moving point slides.</summary>
    public long ResolveMs(TimeProvider time) =>
        FromNow is { } fromNow ? time.GetUtcNow().ToUnixTimeMilliseconds() + (fromNow.Ticks / TimeSpan.TicksPerMillisecond) : _timeMs;

    /// <summary>A duration in its normal form (<c>-36h</c> prints <c>-1d12h</c>), a time as it was written.</summary>
    public override string ToString() => FromNow is { } fromNow ? PrometheusDuration.Format(fromNow) : _text ?? "";
}
