using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>
/// Prometheus's durations: <c>1y2w3d4h5m6s7ms</c>, units descending and each once, whole numbers, or a bare <c>0</c>.
/// </summary>
/// <remarks>A year is 365 days, a week 7, a day 24 hours. Range: what fits int64 nanoseconds (about 292 years).</remarks>
public static class PrometheusDuration
{
    private const ulong MaxNanoseconds = long.MaxValue;

    private static readonly (string Name, long Ms, bool OnlyExact)[] Units =
    [
        ("y", 365L * 86_400_000, true), ("w", 7L * 86_400_000, true), ("d", 86_400_000, false), ("h", 3_600_000, false),
        ("m", 60_000, false), ("s", 1000, false), ("ms", 1, false),
    ];

    /// <exception cref="FormatException">The text is no duration, or it is out of range; in Prometheus's words.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out TimeSpan value, out string? error) ? value : throw new FormatException(error);

    /// <param name="error">What is wrong, naming the text; null on success.</param>
    public static bool TryParse(string text, out TimeSpan value, out string? error)
    {
        value = TimeSpan.Zero;
        error = null;
        if (text == "0") return true;
        if (text.Length == 0)
        {
            error = "empty duration string";
            return false;
        }

        error = ParseParts(text, out ulong nanoseconds);
        if (error is not null) return false;
        value = TimeSpan.FromTicks((long)(nanoseconds / 100));
        return true;
    }

    /// <summary>Prints milliseconds; years and weeks only where they divide exactly. The finer rest of the span is cut.</summary>
    public static string Format(TimeSpan value) => Format(value.Ticks / TimeSpan.TicksPerMillisecond);

    /// <inheritdoc cref="Format(TimeSpan)"/>
    public static string Format(long milliseconds)
    {
        if (milliseconds == 0) return "0s";
        var text = new StringBuilder();
        if (milliseconds < 0) text.Append('-');
        ulong rest = milliseconds < 0 ? 0UL - (ulong)milliseconds : (ulong)milliseconds;
        foreach (var (name, ms, onlyExact) in Units)
        {
            ulong unit = (ulong)ms;
            if (rest < unit || (onlyExact && rest % unit != 0)) continue;
            text.Append(CultureInfo.InvariantCulture, $"{rest / unit}{name}");
            rest %= unit;
        }

        return text.ToString();
    }

    private static string? ParseParts(string text, out ulong nanoseconds)
    {
        nanoseconds = 0;
        int last = -1, at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (!ulong.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) return Invalid(text);
            int unitStart = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at])) at++;
            if (at == unitStart) return Invalid(text);
            string unit = text[unitStart..at];
            int index = Array.FindIndex(Units, u => u.Name == unit);
            if (index < 0) return $"unknown unit {GoText.Quote(unit)} in duration {GoText.Quote(text)}";
            if (index <= last) return Invalid(text);
            last = index;
            ulong scale = (ulong)Units[index].Ms * 1_000_000;
            if (number > MaxNanoseconds / scale || (nanoseconds += number * scale) > MaxNanoseconds) return "duration out of range";
        }

        return null;
    }

    private static string Invalid(string text) => $"not a valid duration string: {GoText.Quote(text)}";
}
