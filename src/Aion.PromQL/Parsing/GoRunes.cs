using System.Buffers;
using System.Globalization;
using System.Text;

using Aion.Model;

namespace Aion.PromQL;

/// <summary>Characters of a query as Go decodes and prints them.</summary>
internal static class GoRunes
{
    /// <summary>Stands for the end of the text.</summary>
    public const int End = -1;

    /// <summary>What invalid UTF-8 decodes to.</summary>
    public const int Invalid = 0xFFFD;

    public static int Decode(ReadOnlySpan<byte> text, int position, out int width)
    {
        width = 0;
        if (position >= text.Length) return End;
        byte first = text[position];
        width = 1;
        if (first < 0x80) return first;
        if (Rune.DecodeFromUtf8(text[position..], out Rune rune, out int consumed) != OperationStatus.Done) return Invalid;
        width = consumed;
        return rune.Value;
    }

    /// <summary>Single-quoted, as %q.</summary>
    public static string Quote(int rune)
    {
        if (rune == '\'') return "'\\''";
        if (rune == '"') return "'\"'";
        string quoted = GoText.Quote(new Rune(rune == End ? Invalid : rune).ToString());
        return $"'{quoted.AsSpan(1, quoted.Length - 2)}'";
    }

    /// <summary>Code point and, if it can be shown, the character, as %#U.</summary>
    public static string Describe(int rune)
    {
        string code = string.Create(CultureInfo.InvariantCulture, $"U+{rune:X4}");
        string text = new Rune(rune).ToString();
        string quoted = GoText.Quote(text);
        return rune is '"' or '\\' || quoted.AsSpan(1, quoted.Length - 2).SequenceEqual(text) ? $"{code} '{text}'" : code;
    }
}
