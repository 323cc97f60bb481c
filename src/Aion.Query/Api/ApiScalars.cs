using System.Globalization;
using Aion.Model;

namespace Aion.Query;

/// <summary>Reads times, durations, booleans and limits of the HTTP API, with the error texts of the field.</summary>
/// <remarks>Source: reference/http-api.md H-3.2.</remarks>
internal static class ApiScalars
{
    /// <summary>The time that stands for the beginning of all data where no start is given, milliseconds.</summary>
    public const long MinTimeMs = -9_223_309_901_257_974_000;

    /// <summary>The time that stands for the end of all data where no end is given, milliseconds.</summary>
    public const long MaxTimeMs = 9_223_309_901_257_974_999;

    // Go turns NaN and the infinities into this time (its smallest int64 of nanoseconds); clients see it in answers.
    private const long NotATimeMs = -9_223_372_036_854;

    /// <summary>Float seconds (fraction rounded to milliseconds) or RFC 3339; milliseconds since the epoch.</summary>
    /// <exception cref="BadParameterException">Neither of them.</exception>
    public static long Time(string text)
    {
        if (GoFloat.TryParse(text, out double seconds) == GoNumberStatus.Ok) return FromSeconds(seconds);
        if (Rfc3339.TryParseMs(text, out long milliseconds)) return milliseconds;
        return text switch
        {
            // What Prometheus prints for its smallest and largest time, years that the format does not have.
            "-292273086-05-16T16:47:06Z" => MinTimeMs,
            "292277025-08-18T07:12:54.999999999Z" => MaxTimeMs,
            _ => throw new BadParameterException($"cannot parse {GoText.Quote(text)} to a valid timestamp"),
        };
    }

    /// <summary>A time that may be absent.</summary>
    public static long Time(ApiForm form, string name, long absent)
    {
        string text = form.First(name);
        if (text.Length == 0) return absent;
        try
        {
            return Time(text);
        }
        catch (BadParameterException e)
        {
            throw new BadParameterException($"Invalid time value for '{name}': {e.Message}");
        }
    }

    /// <summary>Float seconds or a Prometheus duration; nanoseconds, cut.</summary>
    /// <exception cref="BadParameterException">Neither of them, or out of the range of int64.</exception>
    public static long DurationNs(string text)
    {
        if (GoFloat.TryParse(text, out double seconds) == GoNumberStatus.Ok)
        {
            double nanoseconds = seconds * 1e9;
            if (nanoseconds is > long.MaxValue or < long.MinValue)
                throw new BadParameterException($"cannot parse {GoText.Quote(text)} to a valid duration. It overflows int64");
            return double.IsNaN(nanoseconds) ? long.MinValue : (long)nanoseconds;
        }

        if (PrometheusDuration.TryParse(text, out TimeSpan duration, out _)) return duration.Ticks * 100;
        throw new BadParameterException($"cannot parse {GoText.Quote(text)} to a valid duration");
    }

    /// <summary>A duration whose errors name the parameter; null when it is absent.</summary>
    public static long? DurationNs(ApiForm form, string name)
    {
        string text = form.First(name);
        if (text.Length == 0) return null;
        try
        {
            return DurationNs(text);
        }
        catch (BadParameterException e)
        {
            throw new BadParameterException($"'{name}' parameter: {e.Message}");
        }
    }

    public static bool Bool(ApiForm form, string name, bool absent) => form.First(name) switch
    {
        "" => absent,
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        var text => throw new BadParameterException($"'{name}' parameter: strconv.ParseBool: parsing {GoText.Quote(text)}: invalid syntax"),
    };

    /// <summary>How many entries at most; 0 means no limit.</summary>
    public static int Limit(ApiForm form)
    {
        string text = form.First("limit");
        if (text.Length == 0) return 0;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long limit))
            throw new BadParameterException($"strconv.Atoi: parsing {GoText.Quote(text)}: {(IsWhole(text) ? "value out of range" : "invalid syntax")}");
        if (limit < 0) throw new BadParameterException("limit must be non-negative");
        return (int)Math.Min(limit, int.MaxValue);
    }

    /// <summary>The range of the metadata endpoints: from <c>start</c> to <c>end</c>, or the default range before now.</summary>
    public static TimeRange Range(ApiForm form, TimeSpan defaultRange, TimeProvider time)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        bool bounded = defaultRange != TimeSpan.Zero;
        long start = Time(form, "start", bounded ? now - (long)defaultRange.TotalMilliseconds : MinTimeMs);
        long end = Time(form, "end", bounded ? now : MaxTimeMs);
        if (end < start) throw new BadParameterException("end timestamp must not be before start time");
        return new TimeRange(start, end);
    }

    private static bool IsWhole(string text) => text.AsSpan(text[0] is '+' or '-' ? 1 : 0) is { Length: > 0 } digits && digits.IndexOfAnyExceptInRange('0', '9') < 0;

    private static long FromSeconds(double seconds)
    {
        if (!double.IsFinite(seconds)) return NotATimeMs;
        double whole = Math.Truncate(seconds);
        if (whole <= MinTimeMs / 1000) return MinTimeMs;
        if (whole >= MaxTimeMs / 1000) return MaxTimeMs;
        return ((long)whole * 1000) + (long)Math.Round((seconds - whole) * 1000, MidpointRounding.AwayFromZero);
    }
}
