using System.Globalization;
using System.Numerics;

namespace Aion.Model;

/// <summary>Why a number was refused.</summary>
public enum GoNumberStatus : byte
{
    Ok,
    Syntax,

    /// <summary>Well-formed but too large; the parsed value is the nearest the type has (an infinity for doubles).</summary>
    Range,
}

public static partial class GoFloat
{
    private const int MaxHexExponent = 100_000;

    /// <summary>Reads a number as Go's ParseFloat.</summary>
    /// <exception cref="FormatException">Bad syntax or out of range, in Go's words.</exception>
    public static double Parse(string text) => TryParse(text, out double value) switch
    {
        GoNumberStatus.Ok => value,
        GoNumberStatus.Range => throw new FormatException($"strconv.ParseFloat: parsing {GoText.Quote(text)}: value out of range"),
        _ => throw new FormatException($"strconv.ParseFloat: parsing {GoText.Quote(text)}: invalid syntax"),
    };

    /// <summary>
    /// Reads decimal and hexadecimal numbers (a hexadecimal one needs a <c>p</c> exponent), <c>inf</c>, <c>infinity</c> with an optional sign
    /// and <c>nan</c> without, in any case. Underscores may stand between digits.
    /// </summary>
    public static GoNumberStatus TryParse(ReadOnlySpan<char> text, out double value)
    {
        if (TryParseSpecial(text, out value)) return GoNumberStatus.Ok;
        bool negative = text.Length > 0 && text[0] == '-';
        ReadOnlySpan<char> number = text.Length > 0 && text[0] is '-' or '+' ? text[1..] : text;
        if (text.IsEmpty || number.IsEmpty) return GoNumberStatus.Syntax;
        bool hex = number.Length > 2 && number[0] == '0' && (number[1] | 0x20) == 'x';
        if (!IsWellFormed(hex ? number[2..] : number, hex)) return GoNumberStatus.Syntax;
        if (!number.Contains('_')) return Convert(number, hex, negative, out value);
        char[] plain = new char[number.Length];
        var length = 0;
        foreach (char c in number)
            if (c != '_') plain[length++] = c;
        return Convert(plain.AsSpan(0, length), hex, negative, out value);
    }

    /// <summary>Reads the same language from UTF-8.</summary>
    public static GoNumberStatus TryParse(ReadOnlySpan<byte> utf8, out double value)
    {
        // Every valid number is ASCII, so a longer or stranger text is refused by the widened copy.
        Span<char> chars = utf8.Length <= 128 ? stackalloc char[128] : new char[utf8.Length];
        for (var i = 0; i < utf8.Length; i++) chars[i] = (char)utf8[i];
        return TryParse(chars[..utf8.Length], out value);
    }

    private static bool TryParseSpecial(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        if (text.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = double.NaN;
            return true;
        }

        bool signed = text.Length > 0 && text[0] is '+' or '-';
        ReadOnlySpan<char> word = signed ? text[1..] : text;
        if (!word.Equals("inf", StringComparison.OrdinalIgnoreCase) && !word.Equals("infinity", StringComparison.OrdinalIgnoreCase)) return false;
        value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return true;
    }

    /// <summary>Digits with at most one point, then an exponent; an underscore only between digits (or right after <c>0x</c>).</summary>
    private static bool IsWellFormed(ReadOnlySpan<char> text, bool hex)
    {
        int at = 0, digits = 0;
        bool point = false, afterDigit = hex;
        for (; at < text.Length; at++)
        {
            char c = text[at];
            if (hex ? char.IsAsciiHexDigit(c) : char.IsAsciiDigit(c))
            {
                digits++;
                afterDigit = true;
                continue;
            }

            if (c == '_')
            {
                if (!afterDigit || at + 1 == text.Length || !(hex ? char.IsAsciiHexDigit(text[at + 1]) : char.IsAsciiDigit(text[at + 1]))) return false;
            }
            else if (c == '.' && !point)
            {
                point = true;
            }
            else
            {
                break;
            }

            afterDigit = false;
        }

        if (digits == 0) return false;
        if (at == text.Length) return !hex;
        return (text[at] | 0x20) == (hex ? 'p' : 'e') && IsExponent(text[(at + 1)..]);
    }

    private static bool IsExponent(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && text[0] is '+' or '-') text = text[1..];
        if (text.IsEmpty || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1])) return false;
        for (var i = 1; i < text.Length; i++)
            if (!char.IsAsciiDigit(text[i]) && (text[i] != '_' || text[i - 1] == '_')) return false;
        return true;
    }

    private static GoNumberStatus Convert(ReadOnlySpan<char> number, bool hex, bool negative, out double value)
    {
        value = hex ? FromHex(number[2..]) : double.Parse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        if (negative) value = -value;
        return double.IsInfinity(value) ? GoNumberStatus.Range : GoNumberStatus.Ok;
    }

    /// <summary>Rounds half to even once, from the full mantissa (bits beyond 64 are folded into the lowest).</summary>
    private static double FromHex(ReadOnlySpan<char> text)
    {
        ulong mantissa = 0;
        long exponent = 0;
        bool fraction = false;
        int at = 0;
        for (; (text[at] | 0x20) != 'p'; at++)
        {
            if (text[at] == '.')
            {
                fraction = true;
                continue;
            }

            var digit = (uint)char.ToLowerInvariant(text[at]);
            digit = digit <= '9' ? digit - '0' : digit - 'a' + 10;
            if (fraction) exponent -= 4;
            if (mantissa >> 60 == 0)
            {
                mantissa = (mantissa << 4) | digit;
            }
            else
            {
                if (digit != 0) mantissa |= 1;
                exponent += 4;
            }
        }

        return mantissa == 0 ? 0 : Scale(mantissa, exponent + HexExponent(text[(at + 1)..]));
    }

    private static long HexExponent(ReadOnlySpan<char> text)
    {
        bool negative = text[0] == '-';
        if (text[0] is '-' or '+') text = text[1..];
        long exponent = 0;
        foreach (char c in text) exponent = Math.Min((exponent * 10) + (c - '0'), MaxHexExponent);
        return negative ? -exponent : exponent;
    }

    private static double Scale(ulong mantissa, long exponent)
    {
        // Normalise to 64 bits: the value is mantissa × 2^exponent with the top bit set.
        int shift = BitOperations.LeadingZeroCount(mantissa);
        mantissa <<= shift;
        exponent -= shift;
        long power = exponent + 63;
        if (power > 1023) return double.PositiveInfinity;
        // A subnormal keeps fewer bits; drop counts the bits that do not fit.
        int drop = power >= -1022 ? 11 : (int)Math.Min(11 + (-1022 - power), 65);
        ulong kept = drop >= 64 ? 0 : mantissa >> drop;
        ulong half = drop > 64 ? 0 : 1UL << (drop - 1);
        ulong rest = drop >= 64 ? mantissa : mantissa & ((1UL << drop) - 1);
        if (half != 0 && (rest > half || (rest == half && (kept & 1) == 1))) kept++;
        // Adding lets a carry run into the exponent, as the encoding is meant to.
        ulong bits = power >= -1022 ? ((ulong)(power + 1022) << 52) + kept : kept;
        return BitConverter.UInt64BitsToDouble(bits);
    }
}
