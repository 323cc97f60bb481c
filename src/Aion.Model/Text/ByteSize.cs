using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>
/// Sizes in bytes as flags and YAML write them: <c>250MB</c>, <c>1GiB512MiB</c>, <c>1.5GB</c>; every unit is a power of 1024.
/// </summary>
/// <remarks><c>KB</c>-style and <c>KiB</c>-style units cannot be mixed in one value. A bare number is an error, except <c>0</c>.</remarks>
public static class ByteSize
{
    private const string Prefixes = "KMGTPE";
    private const string Overflow = "units: overflow parsing unit";

    private static readonly SearchValues<char> NumberStart = SearchValues.Create(".0123456789");

    /// <exception cref="FormatException">Bad syntax, unknown unit, or beyond int64.</exception>
    public static long Parse(string text) => TryParse(text, out long bytes, out string? error) ? bytes : throw new FormatException(error);

    /// <param name="error">What is wrong, naming the text; null on success.</param>
    public static bool TryParse(string text, out long bytes, out string? error)
    {
        return TryParse(text, "iB", out bytes, out error) || (error != Overflow && TryParse(text, "B", out bytes, out error));
    }

    /// <summary>Prints the largest units first: <c>1GiB512MiB</c>; zero is <c>0B</c>.</summary>
    public static string Format(long bytes)
    {
        if (bytes == 0) return "0B";
        ulong rest = bytes < 0 ? 0UL - (ulong)bytes : (ulong)bytes;
        var text = new StringBuilder();
        if (bytes < 0) text.Append('-');
        for (int i = Prefixes.Length; i >= 0; i--)
        {
            ulong count = rest >> (10 * i);
            rest -= count << (10 * i);
            if (count == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"{count}");
            text.Append(i == 0 ? "B" : $"{Prefixes[i - 1]}iB");
        }

        return text.ToString();
    }

    private static bool TryParse(string text, string suffix, out long bytes, out string? error)
    {
        bytes = 0;
        error = null;
        bool negative = text.StartsWith('-');
        ReadOnlySpan<char> rest = negative || text.StartsWith('+') ? text.AsSpan(1) : text;
        if (rest is "0") return true;
        if (rest.IsEmpty) error = $"units: invalid {text}";
        double total = 0;
        while (error is null && !rest.IsEmpty)
        {
            int length = rest.IndexOfAnyExceptInRange('0', '9');
            if (length < 0) length = rest.Length;
            if (length < rest.Length && rest[length] == '.')
            {
                int fraction = rest[(length + 1)..].IndexOfAnyExceptInRange('0', '9');
                length = fraction < 0 ? rest.Length : length + 1 + fraction;
            }

            error = Add(text, rest[..length], rest[length..], suffix, out int unitLength, ref total);
            rest = rest[(length + unitLength)..];
        }

        if (error is null && total >= 9223372036854775808.0) error = Overflow;
        if (error is not null) return false;
        bytes = negative ? -(long)total : (long)total;
        return true;
    }

    private static string? Add(
        string text, ReadOnlySpan<char> number, ReadOnlySpan<char> rest, string suffix, out int unitLength, ref double total)
    {
        unitLength = rest.IndexOfAny(NumberStart);
        if (unitLength < 0) unitLength = rest.Length;
        if (number.IsEmpty || number is ".") return $"units: invalid {text}";
        // Whole parts near the end of int64 are refused, as a double could not hold them anyway.
        ReadOnlySpan<char> whole = number.IndexOf('.') is var point and >= 0 ? number[..point] : number;
        if (!whole.IsEmpty && (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value >= long.MaxValue - 9))
            return $"units: invalid {text}";
        ReadOnlySpan<char> unit = rest[..unitLength];
        double scale = UnitOf(unit, suffix);
        if (scale == 0) return $"units: unknown unit {unit} in {text}";
        total += double.Parse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * scale;
        return null;
    }

    private static double UnitOf(ReadOnlySpan<char> unit, string suffix)
    {
        if (unit is "B") return 1;
        if (unit.Length != suffix.Length + 1 || !unit[1..].SequenceEqual(suffix)) return 0;
        int power = Prefixes.IndexOf(unit[0]) + 1;
        return power == 0 ? 0 : Math.ScaleB(1, 10 * power);
    }
}
