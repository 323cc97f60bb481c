using System.Text;
using System.Text.Encodings.Web;

namespace Aion.Blocks;

/// <summary>Escapes JSON text exactly as Go's encoder does by default: also <c>&lt; &gt; &amp;</c>, U+2028 and U+2029, in lower-case hexadecimal.</summary>
internal sealed class GoJsonEncoder : JavaScriptEncoder
{
    public static GoJsonEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) =>
        unicodeScalar is < 0x20 or '"' or '\\' or '<' or '>' or '&' or 0x2028 or 0x2029;

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        for (var i = 0; i < span.Length; i++)
        {
            if (WillEncode(span[i])) return i;
            if (!char.IsSurrogate(span[i])) continue;
            if (!Rune.TryGetRuneAt(new string(span), i, out _)) return i;
            i++;
        }

        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var target = new Span<char>(buffer, bufferLength);
        string? escape = unicodeScalar switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            _ when WillEncode(unicodeScalar) => $"\\u{unicodeScalar:x4}",
            _ => null,
        };
        if (escape is null) return new Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
        numberOfCharactersWritten = escape.Length;
        if (escape.TryCopyTo(target)) return true;
        numberOfCharactersWritten = 0;
        return false;
    }
}
