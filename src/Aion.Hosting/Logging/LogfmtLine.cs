using System.Buffers;
using System.Text;

namespace Aion.Hosting;

/// <summary>
/// <c>ts=… caller=… [name=…] level=… bound keys msg=… fields</c>. Values are quoted only where needed: space, control characters,
/// <c>=</c>, <c>"</c>, or text that is not well formed.
/// </summary>
internal static class LogfmtLine
{
    public static void Write(IBufferWriter<byte> target, in LogLine line, ReadOnlySpan<(string Key, object? Value)> bound,
        ReadOnlySpan<(string Key, object? Value)> fields)
    {
        target.Write("ts="u8);
        WriteText(target, LogValue.Time(line.Time));
        Pair(target, "caller", line.Caller);
        if (line.Name.Length > 0) Pair(target, "name", line.Name);
        Pair(target, "level", line.Level);
        foreach ((string key, object? value) in bound) Pair(target, key, value);
        if (line.Message is not null) Pair(target, "msg", line.Message);
        foreach ((string key, object? value) in fields) Pair(target, key, value);
        target.Write("\n"u8);
    }

    private static void Pair(IBufferWriter<byte> target, string key, object? value)
    {
        target.Write(" "u8);
        WriteKey(target, key);
        target.Write("="u8);
        if (value is null) target.Write("null"u8);
        else WriteValue(target, LogValue.Text(value));
    }

    private static void WriteKey(IBufferWriter<byte> target, string key)
    {
        // A key has no quoted form; what cannot stand in one is left out, as upstream does.
        WriteText(target, key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && !key.AsSpan().ContainsAny('=', '"')
            ? key
            : string.Concat(key.EnumerateRunes().Where(r => !NeedsQuotes(r)).Select(r => r.ToString())));
    }

    private static void WriteValue(IBufferWriter<byte> target, string text)
    {
        bool isQuoted = text == "null";
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!NeedsQuotes(rune)) continue;
            isQuoted = true;
            break;
        }

        if (isQuoted) WriteQuoted(target, text);
        else WriteText(target, text);
    }

    // A lone surrogate enumerates as the replacement character.
    private static bool NeedsQuotes(Rune rune) => rune.Value <= ' ' || rune.Value is '=' or '"' || rune == Rune.ReplacementChar;

    private static void WriteQuoted(IBufferWriter<byte> target, string text)
    {
        target.Write("\""u8);
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': target.Write("\\\""u8); break;
                case '\\': target.Write("\\\\"u8); break;
                case '\n': target.Write("\\n"u8); break;
                case '\r': target.Write("\\r"u8); break;
                case '\t': target.Write("\\t"u8); break;
                case 0xFFFD: target.Write("\\ufffd"u8); break;
                case < 0x20: WriteText(target, $"\\u{rune.Value:x4}"); break;
                default: target.Advance(rune.EncodeToUtf8(target.GetSpan(4))); break;
            }
        }

        target.Write("\""u8);
    }

    private static void WriteText(IBufferWriter<byte> target, string text) => Encoding.UTF8.GetBytes(text, target);
}
