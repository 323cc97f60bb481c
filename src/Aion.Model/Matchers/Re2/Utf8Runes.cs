using System.Buffers;
using System.Text;

namespace Aion.Model;

/// <summary>Code points of UTF-8 text as RE2 sees them: a byte that starts no valid sequence is U+FFFD by itself.</summary>
internal static class Utf8Runes
{
    public const int Replacement = 0xFFFD;

    /// <summary>Reads the code point at the start of a text that is not empty.</summary>
    public static int Read(ReadOnlySpan<byte> text, out int length)
    {
        length = 1;
        if (text[0] < 0x80) return text[0];
        if (Rune.DecodeFromUtf8(text, out Rune rune, out int consumed) != OperationStatus.Done) return Replacement;
        length = consumed;
        return rune.Value;
    }

    /// <summary>The last code point of a text that is not empty.</summary>
    public static int ReadLast(ReadOnlySpan<byte> text) =>
        Rune.DecodeLastFromUtf8(text, out Rune rune, out _) == OperationStatus.Done ? rune.Value : Replacement;
}
