using System.Globalization;

namespace Aion.Model;

/// <summary>Times of the form <c>2026-01-01T00:00:00.5+02:00</c>, years 0 to 9999 (which .NET's own types do not cover).</summary>
public static class Rfc3339
{
    private const long SecondsPerDay = 86_400;

    /// <summary>Reads a time strictly; fractions of any length are cut to nanoseconds.</summary>
    /// <param name="seconds">Whole seconds since the Unix epoch, rounded down.</param>
    /// <param name="nanoseconds">Rest, <c>[0, 1e9)</c>.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds, out int nanoseconds)
    {
        seconds = 0;
        nanoseconds = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return false;
        if (!Digits(text[..4], out int year) || !Digits(text[5..7], out int month) || !Digits(text[8..10], out int day)) return false;
        if (!Digits(text[11..13], out int hour) || !Digits(text[14..16], out int minute) || !Digits(text[17..19], out int second)) return false;
        if (month is < 1 or > 12 || day < 1 || day > DaysIn(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        ReadOnlySpan<char> rest = text[19..];
        if (!TakeFraction(ref rest, out nanoseconds) || !Offset(rest, out int offset)) return false;
        seconds = (DaysFromEpoch(year, month, day) * SecondsPerDay) + (hour * 3600) + (minute * 60) + second - offset;
        return true;
    }

    /// <summary>The same in milliseconds, rounded down.</summary>
    public static bool TryParseMs(ReadOnlySpan<char> text, out long milliseconds)
    {
        bool valid = TryParse(text, out long seconds, out int nanoseconds);
        milliseconds = (seconds * 1000) + (nanoseconds / 1_000_000);
        return valid;
    }

    private static bool Digits(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int DaysIn(int year, int month) =>
        // Year 0 is a leap year of the proleptic calendar, as 2000 is.
        DateTime.DaysInMonth(year == 0 ? 2000 : year, month);

    private static bool TakeFraction(ref ReadOnlySpan<char> rest, out int nanoseconds)
    {
        nanoseconds = 0;
        if (rest[0] is not ('.' or ',')) return true;
        rest = rest[1..];
        int length = rest.IndexOfAnyExceptInRange('0', '9');
        if (length <= 0) return false;
        for (var i = 0; i < 9; i++) nanoseconds = (nanoseconds * 10) + (i < length ? rest[i] - '0' : 0);
        rest = rest[length..];
        return true;
    }

    private static bool Offset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text is "Z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return false;
        if (!Digits(text[1..3], out int hours) || !Digits(text[4..], out int minutes) || hours > 24 || minutes > 60) return false;
        seconds = (hours * 3600) + (minutes * 60);
        if (text[0] == '-') seconds = -seconds;
        return true;
    }

    private static long DaysFromEpoch(int year, int month, int day)
    {
        // Days before March-based years, so that a leap day comes last: 719468 is 0000-03-01 to 1970-01-01.
        int y = month <= 2 ? year - 1 : year;
        int era = (y >= 0 ? y : y - 399) / 400;
        int yearOfEra = y - (era * 400);
        int dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }
}
