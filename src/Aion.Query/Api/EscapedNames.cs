using System.Globalization;
using System.Text;

namespace Aion.Query;

/// <summary>
/// Label names in paths: clients that cannot write any text there escape a name as <c>U__</c>, with <c>_2e_</c> for a character's
/// hexadecimal code point and <c>__</c> for an underscore.
/// </summary>
internal static class EscapedNames
{
    private const string Prefix = "U__";

    /// <summary>The name meant; a text that is no escaped name means itself.</summary>
    public static string Unescape(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal)) return name;
        var text = new StringBuilder();
        ReadOnlySpan<char> rest = name.AsSpan(Prefix.Length);
        while (!rest.IsEmpty)
        {
            if (rest[0] != '_')
            {
                text.Append(rest[0]);
                rest = rest[1..];
                continue;
            }

            int end = rest[1..].IndexOf('_');
            if (end < 0) return name;
            if (end == 0) text.Append('_');
            else if (IsCodePoint(rest.Slice(1, end), out Rune rune)) text.Append(rune.ToString());
            else return name;
            rest = rest[(end + 2)..];
        }

        return text.Length == 0 ? name : text.ToString();
    }

    private static bool IsCodePoint(ReadOnlySpan<char> hex, out Rune rune)
    {
        rune = default;
        return hex.Length <= 6
            && int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            && Rune.TryCreate(code, out rune);
    }
}
