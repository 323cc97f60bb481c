using Aion.Model;

namespace Aion.Hosting;

/// <summary>Integers as Go reads them with base 0: a prefix tells the base, underscores may stand between digits.</summary>
internal static class GoInteger
{
    public static long ParseInt64(string text)
    {
        bool isNegative = text.StartsWith('-');
        string digits = isNegative || text.StartsWith('+') ? text[1..] : text;
        UInt128 magnitude = ParseMagnitude(digits, text, "ParseInt");
        UInt128 limit = isNegative ? (UInt128)long.MaxValue + 1 : (UInt128)long.MaxValue;
        if (magnitude > limit) throw OutOfRange(text, "ParseInt");
        return isNegative ? (long)(-(Int128)magnitude) : (long)magnitude;
    }

    public static ulong ParseUInt64(string text)
    {
        UInt128 magnitude = ParseMagnitude(text, text, "ParseUint");
        return magnitude > ulong.MaxValue ? throw OutOfRange(text, "ParseUint") : (ulong)magnitude;
    }

    private static UInt128 ParseMagnitude(string digits, string text, string function)
    {
        (uint radix, int start) = Radix(digits);
        UInt128 value = 0;
        bool afterDigit = start > 0;
        int count = 0;
        foreach (char c in digits.AsSpan(start))
        {
            if (c == '_' && afterDigit)
            {
                afterDigit = false;
                continue;
            }

            uint digit = char.IsAsciiHexDigit(c) ? (uint)Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) throw Syntax(text, function);
            value = (value * radix) + digit;
            if (value > (UInt128)ulong.MaxValue + 1) throw OutOfRange(text, function);
            afterDigit = true;
            count++;
        }

        return count > 0 && afterDigit ? value : throw Syntax(text, function);
    }

    private static (uint Radix, int Start) Radix(string digits)
    {
        if (digits.Length < 2 || digits[0] != '0') return (10, 0);
        return char.ToLowerInvariant(digits[1]) switch
        {
            'x' => (16, 2),
            'o' => (8, 2),
            'b' => (2, 2),
            _ => (8, 1),
        };
    }

    private static FlagValueException Syntax(string text, string function) =>
        new($"strconv.{function}: parsing {GoText.Quote(text)}: invalid syntax");

    private static FlagValueException OutOfRange(string text, string function) =>
        new($"strconv.{function}: parsing {GoText.Quote(text)}: value out of range");
}
