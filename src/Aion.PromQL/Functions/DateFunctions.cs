namespace Aion.PromQL;

/// <summary>Calendar functions of a time in seconds, UTC.</summary>
internal static class DateFunctions
{
    private const double SecondsPerDay = 86_400;

    public static RowMap? Find(string name) => name switch
    {
        "minute" => Map(static s => Math.Floor(Modulo(s, 3600) / 60)),
        "hour" => Map(static s => Math.Floor(Modulo(s, SecondsPerDay) / 3600)),
        "day_of_week" => Map(static s => Modulo(Math.Floor(s / SecondsPerDay) + 4, 7)),
        "day_of_month" => Map(static s => Civil(s).Day),
        "day_of_year" => Map(static s => DayOfYear(s)),
        "days_in_month" => Map(static s => DaysInMonth(Civil(s))),
        "month" => Map(static s => Civil(s).Month),
        "year" => Map(static s => Civil(s).Year),
        _ => null,
    };

    /// <summary>Truncates to whole seconds; what does not fit an int64 becomes its smallest value, as the usual hardware does.</summary>
    private static RowMap Map(Func<double, double> function) => (row, _, _) =>
    {
        row.RemoveHistograms();
        for (int i = Bits.Next(row.Present, 0); i >= 0; i = Bits.Next(row.Present, i + 1)) row.Values[i] = Of(function, row.Values[i]);
    };

    private static double Of(Func<double, double> function, double value)
    {
        // Beyond this the calendar is of no use to anyone and the arithmetic below would lose whole seconds.
        const double Limit = 9.2e18;
        if (!(Math.Abs(value) < Limit)) value = double.NegativeInfinity;
        return function(double.IsNegativeInfinity(value) ? long.MinValue : Math.Truncate(value));
    }

    private static double Modulo(double value, double divisor) => value - Math.Floor(value / divisor) * divisor;

    private static double DaysInMonth((double Year, int Month, int Day) date) => date.Month switch
    {
        2 => IsLeap(date.Year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static bool IsLeap(double year) => Modulo(year, 4) == 0 && (Modulo(year, 100) != 0 || Modulo(year, 400) == 0);

    private static double DayOfYear(double seconds)
    {
        (double year, int month, int day) = Civil(seconds);
        double days = day;
        for (var m = 1; m < month; m++) days += DaysInMonth((year, m, 1));
        return days;
    }

    /// <summary>The proleptic Gregorian date, by counting 400-year cycles from 1 March of year 0.</summary>
    private static (double Year, int Month, int Day) Civil(double seconds)
    {
        double days = Math.Floor(seconds / SecondsPerDay) + 719_468;
        double era = Math.Floor(days / 146_097);
        double dayOfEra = days - era * 146_097;
        double yearOfEra = Math.Floor(
            (dayOfEra - Math.Floor(dayOfEra / 1460) + Math.Floor(dayOfEra / 36_524) - Math.Floor(dayOfEra / 146_096)) / 365);
        double dayOfYear = dayOfEra - (365 * yearOfEra + Math.Floor(yearOfEra / 4) - Math.Floor(yearOfEra / 100));
        double shifted = Math.Floor((5 * dayOfYear + 2) / 153);
        var day = (int)(dayOfYear - Math.Floor((153 * shifted + 2) / 5) + 1);
        int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        double year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
        return (year, month, day);
    }
}
