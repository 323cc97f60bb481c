using System.Globalization;
using System.Text;
using Aion.Hosting;
using Aion.Model;

namespace Aion.Query;

/// <summary>Labels given as flags: <c>name="value"</c>, the value a Go string literal in double or back quotes.</summary>
/// <remarks>reference/cli-conventions.md §2.6.</remarks>
internal static class LabelFlag
{
    /// <exception cref="ComponentException">A text of another form; names it.</exception>
    public static Labels Parse(IReadOnlyList<string> texts)
    {
        var builder = new LabelsBuilder();
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new ComponentException($"unrecognized label \"{text}\"");
            string name = text[..equals];
            if (name.Length == 0) throw new ComponentException($"unsupported format for label {text}");
            builder.Set(name, Unquote(text[(equals + 1)..]) ?? throw new ComponentException($"unquote label value: invalid syntax: {text}"));
        }

        return builder.ToLabels();
    }

    /// <returns>Null when the text is no literal.</returns>
    private static string? Unquote(string literal)
    {
        if (literal.Length < 2 || literal[0] != literal[^1]) return null;
        ReadOnlySpan<char> inner = literal.AsSpan(1, literal.Length - 2);
        if (literal[0] == '`') return inner.Contains('`') ? null : inner.ToString().Replace("\r", "", StringComparison.Ordinal);
        if (literal[0] != '"' || inner.Contains('\n')) return null;
        var bytes = new List<byte>(inner.Length);
        while (!inner.IsEmpty)
        {
            if (inner[0] == '"') return null;
            int plain = inner.IndexOfAny('\\', '"');
            if (plain < 0) plain = inner.Length;
            bytes.AddRange(Encoding.UTF8.GetBytes(inner[..plain].ToString()));
            inner = inner[plain..];
            if (inner.IsEmpty || inner[0] != '\\') continue;
            if (!TakeEscape(ref inner, bytes)) return null;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool TakeEscape(ref ReadOnlySpan<char> text, List<byte> bytes)
    {
        if (text.Length < 2) return false;
        char kind = text[1];
        text = text[2..];
        int single = "abfnrtv\\\"".IndexOf(kind, StringComparison.Ordinal);
        if (single >= 0)
        {
            bytes.Add((byte)"\a\b\f\n\r\t\v\\\""[single]);
            return true;
        }

        int digits = kind switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0 || text.Length < digits
            || !uint.TryParse(text[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)) return false;
        text = text[digits..];
        if (kind == 'x')
        {
            bytes.Add((byte)code);
            return true;
        }

        if (code > 0x10FFFF || !Rune.TryCreate((int)code, out Rune rune)) return false;
        bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        return true;
    }
}
