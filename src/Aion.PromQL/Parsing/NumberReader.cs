using System.Globalization;
using System.Text;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>The values of number and duration tokens.</summary>
internal static class NumberReader
{
    private const double NanosecondsPerSecond = 1e9;

    private const double MaxDurationSeconds = 9223372036.854775807;

    /// <summary>An integer of Go's syntax (0x…, leading 0 for octal, underscores), else a float.</summary>
    /// <param name="error">Why there is no value; null on success.</param>
    public static double ReadNumber(ReadOnlySpan<byte> text, out string? error)
    {
        error = null;
        if (TryReadInteger(text, out long integer)) return integer;
        switch (GoFloat.TryParse(text, out double value))
        {
            case GoNumberStatus.Ok: break;
            case GoNumberStatus.Range: error = $"error parsing number: strconv.ParseFloat: parsing {GoStrings.Quote(text)}: value out of range"; break;
            default: error = $"error parsing number: strconv.ParseFloat: parsing {GoStrings.Quote(text)}: invalid syntax"; break;
        }

        return value;
    }

    /// <summary>Seconds of a duration token.</summary>
    public static double ReadDuration(ReadOnlySpan<byte> text, out string? error) =>
        PrometheusDuration.TryParse(Encoding.UTF8.GetString(text), out TimeSpan duration, out error) ? ToSeconds(duration) : 0;

    /// <summary>True if so many seconds are no duration: beyond int64 nanoseconds, or no number.</summary>
    public static bool IsOutOfRange(double seconds) => !(seconds <= MaxDurationSeconds && seconds >= -MaxDurationSeconds);

    /// <summary>Whole milliseconds of a duration in seconds: rounded to nanoseconds, then cut.</summary>
    public static long ToMilliseconds(double seconds)
    {
        double nanoseconds = Math.Round(seconds * NanosecondsPerSecond, MidpointRounding.AwayFromZero);
        return nanoseconds >= long.MaxValue ? long.MaxValue / 1_000_000 : nanoseconds <= long.MinValue ? long.MinValue / 1_000_000 : (long)nanoseconds / 1_000_000;
    }

    private static double ToSeconds(TimeSpan duration) =>
        (duration.Ticks / TimeSpan.TicksPerSecond) + ((double)(duration.Ticks % TimeSpan.TicksPerSecond) / TimeSpan.TicksPerSecond);

    private static bool TryReadInteger(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        int radix = text.Length < 2 || text[0] != '0' ? 10 : (text[1] | 0x20) == 'x' ? 16 : 8;
        ReadOnlySpan<byte> digits = text[(radix switch { 16 => 2, 8 => 1, _ => 0 })..];
        if (digits.IsEmpty) return false;
        var afterUnderscore = radix == 10;
        UInt128 sum = 0;
        foreach (byte c in digits)
        {
            if (c == '_')
            {
                if (afterUnderscore) return false;
                afterUnderscore = true;
                continue;
            }

            int digit = char.IsAsciiHexDigit((char)c) ? int.Parse([(char)c], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : radix;
            if (digit >= radix) return false;
            sum = (sum * (uint)radix) + (uint)digit;
            if (sum > long.MaxValue) return false;
            afterUnderscore = false;
        }

        value = (long)sum;
        return !afterUnderscore;
    }
}
