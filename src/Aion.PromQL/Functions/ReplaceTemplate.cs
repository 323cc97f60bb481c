using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Aion.PromQL;

/// <summary>The replacement of label_replace: <c>$1</c>, <c>${1}</c>, <c>$name</c> and <c>$$</c>, as Go's regexp expands it.</summary>
internal static class ReplaceTemplate
{
    /// <summary>The expanded replacement, or null if the expression does not match the whole value.</summary>
    public static byte[]? Apply(Regex regex, string template, ReadOnlySpan<byte> value)
    {
        Match match = regex.Match(Encoding.UTF8.GetString(value));
        if (!match.Success) return null;
        var result = new StringBuilder();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '$')
            {
                result.Append(template[at++]);
                continue;
            }

            if (at + 1 < template.Length && template[at + 1] == '$')
            {
                result.Append('$');
                at += 2;
                continue;
            }

            int next = ReadName(template, at + 1, out string name);
            if (next < 0)
            {
                // Not a variable after all: the dollar stands for itself.
                result.Append('$');
                at++;
                continue;
            }

            at = next;
            result.Append(Group(match, name));
        }

        return Encoding.UTF8.GetBytes(result.ToString());
    }

    /// <summary>Reads the name after a dollar; returns the position after it, or -1 if there is none.</summary>
    private static int ReadName(string template, int at, out string name)
    {
        name = "";
        if (at >= template.Length) return -1;
        bool braced = template[at] == '{';
        int start = braced ? at + 1 : at, end = start;
        while (end < template.Length && (char.IsLetterOrDigit(template[end]) || template[end] == '_')) end++;
        if (end == start) return -1;
        name = template[start..end];
        if (!braced) return end;
        return end < template.Length && template[end] == '}' ? end + 1 : -1;
    }

    private static string Group(Match match, string name)
    {
        bool isNumber = name.All(char.IsAsciiDigit);
        if (!isNumber) return match.Groups[name].Value;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? match.Groups[number].Value : "";
    }
}
