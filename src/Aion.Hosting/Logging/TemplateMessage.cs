using System.Text;

namespace Aion.Hosting;

/// <summary>
/// Log calls of the ordinary kind, which lower levels and libraries make: <c>"loading block {Block} failed: {Reason}"</c>. Holes at the end become
/// fields of the line (<c>msg="loading block 01H… failed" reason=…</c>); holes within the sentence stay in it.
/// </summary>
internal static class TemplateMessage
{
    private const string Template = "{OriginalFormat}";
    private const string Separators = " ,;:=";

    /// <summary>Null when the state is no template, or one with nothing but holes or with escaped braces: then its own text serves.</summary>
    public static (string Message, (string Key, object? Value)[] Fields)? Split(object? state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values || values.Count < 2) return null;
        string? template = values.FirstOrDefault(pair => pair.Key == Template).Value as string;
        if (template is null || template.Contains("{{", StringComparison.Ordinal) || template.Contains("}}", StringComparison.Ordinal)) return null;

        string text = template.TrimEnd(Separators.ToCharArray());
        int fields = 0;
        while (text.EndsWith('}'))
        {
            int open = text.LastIndexOf('{');
            if (open < 0) return null;
            text = text[..open].TrimEnd(Separators.ToCharArray());
            fields++;
        }

        if (fields == 0 || text.Length == 0) return null;
        // Values come in the order of the holes, the template last.
        int holes = values.Count - 1;
        if (fields > holes) return null;
        (string, object?)[] pairs = [.. Enumerable.Range(holes - fields, fields).Select(i => (Key(values[i].Key), values[i].Value))];
        return (Fill(text, values), pairs);
    }

    private static string Fill(string text, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        StringBuilder filled = new(text.Length + 32);
        int hole = 0;
        for (int i = 0; i < text.Length;)
        {
            int close = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (close < 0)
            {
                filled.Append(text[i++]);
                continue;
            }

            object? value = values[hole++].Value;
            filled.Append(value is null ? "null" : LogValue.Text(value));
            i = close + 1;
        }

        return filled.ToString();
    }

    // Holes are named as properties are, keys as upstream's are.
    private static string Key(string hole) => char.ToLowerInvariant(hole[0]) + hole[1..];
}
