using System.Globalization;
using Aion.Model;

namespace Aion.Hosting;

/// <summary>Log values as text, the way upstream prints the same kinds.</summary>
internal static class LogValue
{
    /// <summary>Text of a value that is not null.</summary>
    public static string Text(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        TimeSpan duration => Duration(duration),
        Exception error => Describe(error),
        double number => GoFloat.ToGeneral(number),
        DateTimeOffset time => Time(time),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>UTC, RFC 3339 with nanoseconds; trailing zeros of the fraction are left out, and so is an empty fraction.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The message followed by those of its causes, outermost first, joined by ": "; repeated ones once.</summary>
    public static string Describe(Exception error)
    {
        string text = error.Message;
        for (Exception? cause = error.InnerException; cause is not null; cause = cause.InnerException)
            if (!text.Contains(cause.Message, StringComparison.Ordinal)) text = $"{text}: {cause.Message}";
        return text;
    }

    private static string Duration(TimeSpan duration) =>
        Math.Abs(duration.Ticks) > long.MaxValue / 100 ? duration.ToString("c", CultureInfo.InvariantCulture) : GoDuration.Format(duration);
}
