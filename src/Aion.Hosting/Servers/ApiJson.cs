using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Aion.Hosting;

/// <summary>
/// JSON text as the field's servers write it: <c>&lt;</c>, <c>&gt;</c>, <c>&amp;</c>, U+2028, U+2029 and control characters escaped with lower-case
/// digits, everything else as it is. Bytes that are not UTF-8 become U+FFFD.
/// </summary>
public static class ApiJson
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(SpecialBytes());

    /// <summary>For <see cref="Utf8JsonWriter"/>.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = new FieldEncoder(), SkipValidation = true };

    /// <summary>Appends a quoted string.</summary>
    public static void WriteString(IBufferWriter<byte> target, ReadOnlySpan<byte> utf8)
    {
        target.Write("\""u8);
        while (!utf8.IsEmpty)
        {
            int plain = utf8.IndexOfAny(Special);
            if (plain < 0) plain = utf8.Length;
            target.Write(utf8[..plain]);
            utf8 = utf8[plain..];
            if (utf8.IsEmpty) break;
            Rune.DecodeFromUtf8(utf8, out Rune rune, out int consumed); // the replacement rune when the bytes are not UTF-8
            WriteRune(target, rune);
            utf8 = utf8[consumed..];
        }

        target.Write("\""u8);
    }

    private static void WriteRune(IBufferWriter<byte> target, Rune rune)
    {
        if (NeedsEscape(rune.Value))
        {
            Span<char> escape = stackalloc char[6];
            Span<byte> bytes = target.GetSpan(6);
            int length = Escape(rune.Value, escape);
            target.Advance(Encoding.ASCII.GetBytes(escape[..length], bytes));
            return;
        }

        target.Advance(rune.EncodeToUtf8(target.GetSpan(4)));
    }

    private static bool NeedsEscape(int scalar) => scalar is < 0x20 or '"' or '\\' or '<' or '>' or '&' or 0x2028 or 0x2029;

    private static int Escape(int scalar, Span<char> target)
    {
        char letter = scalar switch
        {
            '"' => '"',
            '\\' => '\\',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            _ => '\0',
        };
        target[0] = '\\';
        if (letter != '\0')
        {
            target[1] = letter;
            return 2;
        }

        const string Digits = "0123456789abcdef";
        target[1] = 'u';
        for (int i = 0; i < 4; i++) target[2 + i] = Digits[(scalar >> (12 - (4 * i))) & 0xF];
        return 6;
    }

    // Everything that is not a plain ASCII character takes the slow path, where the bytes are checked.
    private static byte[] SpecialBytes() =>
        [.. Enumerable.Range(0, 256).Where(b => b >= 0x80 || NeedsEscape(b)).Select(b => (byte)b)];

    private sealed class FieldEncoder : JavaScriptEncoder
    {
        public override int MaxOutputCharactersPerInputCharacter => 6;

        public override bool WillEncode(int unicodeScalar) => NeedsEscape(unicodeScalar);

        public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
        {
            ReadOnlySpan<char> span = new(text, textLength);
            for (int i = 0; i < span.Length; i++)
            {
                if (NeedsEscape(span[i])) return i;
                if (!char.IsSurrogate(span[i])) continue;
                if (!char.IsHighSurrogate(span[i]) || i + 1 == span.Length || !char.IsLowSurrogate(span[i + 1])) return i;
                i++;
            }

            return -1;
        }

        public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
        {
            Span<char> target = new(buffer, bufferLength);
            numberOfCharactersWritten = 0;
            if (!NeedsEscape(unicodeScalar))
                return new Rune(unicodeScalar).TryEncodeToUtf16(target, out numberOfCharactersWritten);
            if (bufferLength < 6) return false;
            numberOfCharactersWritten = Escape(unicodeScalar, target);
            return true;
        }
    }
}
