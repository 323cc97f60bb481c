using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>Text as Go prints it, because the answers and the configuration of the field are written that way.</summary>
public static class GoText
{
    public static string Quote(string text) => AppendQuoted(new StringBuilder(), text).ToString();

    /// <summary>Appends a double-quoted Go string literal (strconv.Quote).</summary>
    public static StringBuilder AppendQuoted(StringBuilder target, string text)
    {
        target.Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"': target.Append("\\\""); break;
                case '\\': target.Append("\\\\"); break;
                case '\a': target.Append("\\a"); break;
                case '\b': target.Append("\\b"); break;
                case '\f': target.Append("\\f"); break;
                case '\n': target.Append("\\n"); break;
                case '\r': target.Append("\\r"); break;
                case '\t': target.Append("\\t"); break;
                case '\v': target.Append("\\v"); break;
                case < 0x20 or 0x7F: target.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                default:
                    if (IsPrintable(rune)) target.Append(rune.ToString());
                    else if (rune.Value < 0x10000) target.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    else target.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                    break;
            }
        }

        return target.Append('"');
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator => false,
        _ => true,
    };
}
