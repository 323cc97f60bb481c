namespace Aion.PromQL;

/// <summary>Finds the end of a string literal and checks its escapes, so that <see cref="GoStrings.Unquote"/> need not.</summary>
internal static class StringScanner
{
    private const uint MaxCodePoint = 0x10FFFF;

    /// <param name="position">Behind the opening quote; afterwards behind the closing one.</param>
    /// <returns>What is wrong with the literal, or null.</returns>
    public static string? FindEnd(ReadOnlySpan<byte> text, ref int position, int quote)
    {
        bool raw = quote == '`';
        while (true)
        {
            int rune = Read(text, ref position);
            if (rune == quote) return null;
            switch (rune)
            {
                case GoRunes.Invalid: return "invalid UTF-8 rune";
                case GoRunes.End: return raw ? "unterminated raw string" : "unterminated quoted string";
                case '\n' when !raw: return "unterminated quoted string";
                case '\\' when !raw:
                    if (CheckEscape(text, ref position, quote) is { } error) return error;
                    break;
            }
        }
    }

    private static int Read(ReadOnlySpan<byte> text, ref int position)
    {
        int rune = GoRunes.Decode(text, position, out int width);
        position += width;
        return rune;
    }

    /// <summary>Reads what follows a backslash.</summary>
    private static string? CheckEscape(ReadOnlySpan<byte> text, ref int position, int quote)
    {
        int rune = Read(text, ref position);
        if (rune == quote) return null;
        switch (rune)
        {
            case 'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\\': return null;
            case >= '0' and <= '7': return CheckDigits(text, ref position, rune, 3, 8, byte.MaxValue);
            case 'x': return CheckDigits(text, ref position, Read(text, ref position), 2, 16, byte.MaxValue);
            case 'u': return CheckDigits(text, ref position, Read(text, ref position), 4, 16, MaxCodePoint);
            case 'U': return CheckDigits(text, ref position, Read(text, ref position), 8, 16, MaxCodePoint);
            case GoRunes.End: return "escape sequence not terminated";
            default: return $"unknown escape sequence {GoRunes.Describe(rune)}";
        }
    }

    private static string? CheckDigits(ReadOnlySpan<byte> text, ref int position, int first, int count, uint radix, uint max)
    {
        uint value = 0;
        for (int rune = first; ; rune = Read(text, ref position))
        {
            if (rune == GoRunes.End) return "escape sequence not terminated";
            uint digit = rune switch
            {
                >= '0' and <= '9' => (uint)rune - '0',
                >= 'a' and <= 'f' => (uint)rune - 'a' + 10,
                >= 'A' and <= 'F' => (uint)rune - 'A' + 10,
                _ => uint.MaxValue,
            };
            if (digit >= radix) return $"illegal character {GoRunes.Describe(rune)} in escape sequence";
            value = unchecked((value * radix) + digit);
            if (--count == 0) break;
        }

        return value > max || value is >= 0xD800 and < 0xE000 ? "escape sequence is an invalid Unicode code point" : null;
    }
}
