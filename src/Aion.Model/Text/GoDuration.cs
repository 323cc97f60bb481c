using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>
/// Go's durations: an optional sign and decimal numbers with units in any order (<c>1h30m</c>, <c>1.5s</c>, <c>-5µs</c>), or a bare <c>0</c>.
/// </summary>
/// <remarks>Two dialects: the library's own (YAML fields of type duration) and the flags', which also knows <c>d</c> and <c>w</c>.</remarks>
public static class GoDuration
{
    private const ulong Limit = 1UL << 63;

    private static readonly SearchValues<char> NumberStart = SearchValues.Create(".0123456789");

    /// <summary>Reads the library's dialect. A <see cref="TimeSpan"/> holds ticks of 100 ns; a finer rest is cut.</summary>
    /// <exception cref="FormatException">The text is no duration or out of range; in Go's words.</exception>
    public static TimeSpan Parse(string text) => FromNanoseconds(ParseNanoseconds(text));

    /// <summary>Reads the flags' dialect, with days of 24 hours and weeks of 7 days.</summary>
    /// <exception cref="FormatException">The text is no duration or out of range; in Go's words.</exception>
    public static TimeSpan ParseFlag(string text) => FromNanoseconds(ParseFlagNanoseconds(text));

    /// <inheritdoc cref="Parse"/>
    public static long ParseNanoseconds(string text) =>
        TryParse(text, days: false, out long nanoseconds, out string? error) ? nanoseconds : throw new FormatException(error);

    /// <inheritdoc cref="ParseFlag"/>
    public static long ParseFlagNanoseconds(string text) =>
        TryParse(text, days: true, out long nanoseconds, out string? error) ? nanoseconds : throw new FormatException(error);

    /// <param name="days">True for the flags' dialect.</param>
    /// <param name="error">What is wrong, naming the text; null on success.</param>
    public static bool TryParse(string text, bool days, out long nanoseconds, out string? error)
    {
        nanoseconds = 0;
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> rest = negative || text.StartsWith('+') ? text.AsSpan(1) : text;
        error = rest is "0" ? null : rest.IsEmpty ? Invalid(text, days) : null;
        if (error is not null || rest is "0") return error is null;
        ulong total = 0;
        while (error is null && !rest.IsEmpty) error = ParsePart(text, days, ref rest, ref total);
        // The flags' parser refuses the most negative value, which Go's own accepts.
        if (error is null && total == Limit && (!negative || days)) error = Invalid(text, days);
        if (error is not null) return false;
        nanoseconds = negative ? (long)(0UL - total) : (long)total;
        return true;
    }

    public static string Format(TimeSpan value) => Format(checked(value.Ticks * 100));

    /// <summary>Prints as Go: <c>1h30m0s</c>, <c>1.5s</c>, <c>300ms</c>, <c>5µs</c>, <c>0s</c>.</summary>
    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0) return "0s";
        ulong rest = nanoseconds < 0 ? 0UL - (ulong)nanoseconds : (ulong)nanoseconds;
        var text = new StringBuilder();
        if (nanoseconds < 0) text.Append('-');
        if (rest < 1_000) return text.Append(CultureInfo.InvariantCulture, $"{rest}ns").ToString();
        if (rest < 1_000_000) return AppendDecimal(text, rest, 1_000).Append("µs").ToString();
        if (rest < 1_000_000_000) return AppendDecimal(text, rest, 1_000_000).Append("ms").ToString();
        ulong minutes = rest / 60_000_000_000;
        if (minutes >= 60) text.Append(CultureInfo.InvariantCulture, $"{minutes / 60}h");
        if (minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{minutes % 60}m");
        return AppendDecimal(text, rest % 60_000_000_000, 1_000_000_000).Append('s').ToString();
    }

    private static TimeSpan FromNanoseconds(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / 100);

    private static string? ParsePart(string text, bool days, ref ReadOnlySpan<char> rest, ref ulong total)
    {
        int start = rest.Length;
        bool fits = TakeWhole(ref rest, out ulong whole);
        int digits = start - rest.Length;
        double fraction = 0, scale = 1;
        if (fits && !rest.IsEmpty && rest[0] == '.')
        {
            rest = rest[1..];
            int before = rest.Length;
            TakeFraction(ref rest, out fraction, out scale);
            digits += before - rest.Length;
        }

        if (!fits || digits == 0) return Invalid(text, days);
        int unitLength = rest.IndexOfAny(NumberStart);
        ReadOnlySpan<char> unitName = unitLength < 0 ? rest : rest[..unitLength];
        if (unitName.IsEmpty) return $"time: missing unit in duration {Quote(text, days)}";
        ulong unit = UnitOf(unitName, days);
        if (unit == 0) return $"time: unknown unit {Quote(unitName.ToString(), days)} in duration {Quote(text, days)}";
        rest = rest[unitName.Length..];
        if (whole > Limit / unit) return Invalid(text, days);
        // Two's complement wrap cannot happen: each term is at most 2^63 and the sum is checked after every addition.
        ulong part = (whole * unit) + (ulong)(fraction * (unit / scale));
        if (part > Limit || (total += part) > Limit) return Invalid(text, days);
        return null;
    }

    private static bool TakeWhole(ref ReadOnlySpan<char> rest, out ulong value)
    {
        value = 0;
        while (!rest.IsEmpty && char.IsAsciiDigit(rest[0]))
        {
            if (value > Limit / 10) return false;
            value = (value * 10) + (ulong)(rest[0] - '0');
            if (value > Limit) return false;
            rest = rest[1..];
        }

        return true;
    }

    private static void TakeFraction(ref ReadOnlySpan<char> rest, out double value, out double scale)
    {
        ulong digits = 0;
        scale = 1;
        bool full = false;
        for (; !rest.IsEmpty && char.IsAsciiDigit(rest[0]); rest = rest[1..])
        {
            // Digits beyond the precision of the result are dropped.
            ulong next = (digits * 10) + (ulong)(rest[0] - '0');
            full |= digits > (Limit - 1) / 10 || next > Limit;
            if (full) continue;
            digits = next;
            scale *= 10;
        }

        value = digits;
    }

    private static ulong UnitOf(ReadOnlySpan<char> name, bool days) => name switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" when days => 86_400_000_000_000,
        "w" when days => 604_800_000_000_000,
        _ => 0,
    };

    private static StringBuilder AppendDecimal(StringBuilder text, ulong value, ulong unit)
    {
        text.Append(CultureInfo.InvariantCulture, $"{value / unit}");
        ulong fraction = value % unit;
        if (fraction == 0) return text;
        int width = unit switch { 1_000 => 3, 1_000_000 => 6, _ => 9 };
        return text.Append('.').Append(fraction.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0').TrimEnd('0'));
    }

    private static string Invalid(string text, bool days) => $"time: invalid duration {Quote(text, days)}";

    /// <summary>Go's time package escapes byte by byte; the flags' parser escapes nothing.</summary>
    private static string Quote(string text, bool days)
    {
        if (days) return $"\"{text}\"";
        var quoted = new StringBuilder("\"");
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is (byte)'"' or (byte)'\\') quoted.Append('\\').Append((char)b);
            else if (b is < 0x20 or >= 0x80) quoted.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            else quoted.Append((char)b);
        }

        return quoted.Append('"').ToString();
    }
}
