using System.Globalization;
using System.Text;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// String literals as Go reads and prints them. An escape can name a single byte that is no UTF-8; such a byte <c>b</c> is kept in a
/// .NET string as the lone surrogate U+DC00+b, so it prints back as it was written, and turns into U+FFFD wherever the text leaves as UTF-8.
/// </summary>
internal static class GoStrings
{
    private const int ByteEscape = 0xDC00;

    /// <summary>The value of a literal that the lexer let through, quotes included.</summary>
    public static string Unquote(ReadOnlySpan<byte> literal)
    {
        ReadOnlySpan<byte> inner = literal[1..^1];
        if (literal[0] == '`' || !inner.Contains((byte)'\\')) return Encoding.UTF8.GetString(inner);
        var bytes = new byte[inner.Length * 2];
        var length = 0;
        for (var i = 0; i < inner.Length;)
        {
            if (inner[i] != '\\') bytes[length++] = inner[i++];
            else i += Unescape(inner[i..], bytes, ref length);
        }

        return FromBytes(bytes.AsSpan(0, length));
    }

    /// <summary>Double-quoted, as strconv.Quote.</summary>
    public static string Quote(string text) => AppendQuoted(new StringBuilder(), text).ToString();

    public static string Quote(ReadOnlySpan<byte> utf8) => Quote(FromBytes(utf8));

    public static StringBuilder AppendQuoted(StringBuilder target, string text)
    {
        int at = IndexOfByte(text, 0);
        if (at < 0) return GoText.AppendQuoted(target, text);
        target.Append('"');
        var start = 0;
        for (; at >= 0; start = at + 1, at = IndexOfByte(text, start))
        {
            AppendInner(target, text[start..at]);
            target.Append(CultureInfo.InvariantCulture, $"\\x{text[at] - ByteEscape:x2}");
        }

        AppendInner(target, text[start..]);
        return target.Append('"');
    }

    /// <summary>True unless a byte escape made the text invalid UTF-8.</summary>
    public static bool IsValidUtf8(string text) => IndexOfByte(text, 0) < 0;

    private static void AppendInner(StringBuilder target, string text)
    {
        string quoted = GoText.Quote(text);
        target.Append(quoted, 1, quoted.Length - 2);
    }

    private static int IndexOfByte(string text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i])) i++;
            else if (char.IsLowSurrogate(text[i])) return i;
        }

        return -1;
    }

    private static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[consumed..];
            }
            else
            {
                text.Append((char)(ByteEscape + bytes[0]));
                bytes = bytes[1..];
            }
        }

        return text.ToString();
    }

    /// <summary>Writes what one escape sequence stands for; returns its length.</summary>
    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> target, ref int length)
    {
        byte kind = text[1];
        switch (kind)
        {
            case (byte)'a': target[length++] = 7; return 2;
            case (byte)'b': target[length++] = 8; return 2;
            case (byte)'f': target[length++] = 12; return 2;
            case (byte)'n': target[length++] = 10; return 2;
            case (byte)'r': target[length++] = 13; return 2;
            case (byte)'t': target[length++] = 9; return 2;
            case (byte)'v': target[length++] = 11; return 2;
            case (byte)'x':
                target[length++] = (byte)ReadDigits(text.Slice(2, 2), 16);
                return 4;
            case (byte)'u' or (byte)'U':
                int digits = kind == 'u' ? 4 : 8;
                length += new Rune(ReadDigits(text.Slice(2, digits), 16)).EncodeToUtf8(target[length..]);
                return digits + 2;
            case >= (byte)'0' and <= (byte)'7':
                target[length++] = (byte)ReadDigits(text.Slice(1, 3), 8);
                return 4;
            default:
                target[length++] = kind;
                return 2;
        }
    }

    private static int ReadDigits(ReadOnlySpan<byte> text, int radix)
    {
        var value = 0;
        foreach (byte c in text) value = (value * radix) + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        return value;
    }
}
