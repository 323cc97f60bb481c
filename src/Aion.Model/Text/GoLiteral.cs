using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>Reads Go string literals: "…" with escapes, `…` as it is, '…' for one character.</summary>
public static class GoLiteral
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>False when the text is not exactly one literal, or its escapes do not make UTF-8.</summary>
    public static bool TryUnquote(string literal, out string text)
    {
        text = "";
        if (literal.Length < 2 || literal[0] != literal[^1]) return false;
        string body = literal[1..^1];
        switch (literal[0])
        {
            case '`':
                text = body.Replace("\r", "", StringComparison.Ordinal);
                return !body.Contains('`', StringComparison.Ordinal);
            case '"':
                return TryUnescape(body, '"', out text);
            case '\'':
                return TryUnescape(body, '\'', out text) && text.EnumerateRunes().Count() == 1;
            default:
                return false;
        }
    }

    private static bool TryUnescape(string body, char quote, out string text)
    {
        List<byte> bytes = new(body.Length);
        text = "";
        for (int i = 0; i < body.Length;)
        {
            if (body[i] == quote || body[i] == '\n') return false;
            if (body[i] == '\\')
            {
                if (!TryEscape(body, quote, ref i, bytes)) return false;
                continue;
            }

            if (Rune.DecodeFromUtf16(body.AsSpan(i), out Rune rune, out int length) != System.Buffers.OperationStatus.Done) return false;
            Append(bytes, rune);
            i += length;
        }

        try
        {
            text = Strict.GetString([.. bytes]);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryEscape(string body, char quote, ref int i, List<byte> bytes)
    {
        if (i + 1 >= body.Length) return false;
        char kind = body[i + 1];
        i += 2;
        const string Letters = "abfnrtv\\";
        const string Values = "\a\b\f\n\r\t\v\\";
        int letter = Letters.IndexOf(kind, StringComparison.Ordinal);
        if (letter >= 0 || kind == quote)
        {
            bytes.Add((byte)(letter >= 0 ? Values[letter] : quote));
            return true;
        }

        return kind switch
        {
            'x' => TryByte(body, ref i, 2, 16, bytes),
            >= '0' and <= '7' => TryByte(body, ref i, 3, 8, bytes, back: 1),
            'u' => TryRune(body, ref i, 4, bytes),
            'U' => TryRune(body, ref i, 8, bytes),
            _ => false,
        };
    }

    private static bool TryByte(string body, ref int i, int digits, int radix, List<byte> bytes, int back = 0)
    {
        i -= back;
        if (!TryNumber(body, ref i, digits, radix, out uint value) || value > byte.MaxValue) return false;
        bytes.Add((byte)value);
        return true;
    }

    private static bool TryRune(string body, ref int i, int digits, List<byte> bytes)
    {
        if (!TryNumber(body, ref i, digits, 16, out uint value) || !Rune.IsValid(value)) return false;
        Append(bytes, new Rune(value));
        return true;
    }

    private static bool TryNumber(string body, ref int i, int digits, int radix, out uint value)
    {
        value = 0;
        if (i + digits > body.Length) return false;
        foreach (char c in body.AsSpan(i, digits))
        {
            if (!char.IsAsciiHexDigit(c)) return false;
            uint digit = uint.Parse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (digit >= radix) return false;
            value = (value * (uint)radix) + digit;
        }

        i += digits;
        return true;
    }

    private static void Append(List<byte> bytes, Rune rune)
    {
        Span<byte> encoded = stackalloc byte[4];
        bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)]);
    }
}
