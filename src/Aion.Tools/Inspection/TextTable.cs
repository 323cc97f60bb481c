using System.Text;

namespace Aion.Tools;

/// <summary>Rows of text as a table for people or as separated values.</summary>
internal static class TextTable
{
    /// <summary>Columns between bars, as wide as their widest cell; the header in the middle, cells to the left.</summary>
    public static void WriteMarkdown(TextWriter output, string[] header, IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. header.Select((name, i) => rows.Select(row => Width(row[i])).Append(Width(name)).Max())];
        StringBuilder text = new();
        for (int i = 0; i < header.Length; i++)
        {
            int left = (widths[i] - Width(header[i])) / 2;
            text.Append("| ").Append(' ', left).Append(header[i]).Append(' ', widths[i] - Width(header[i]) - left + 1);
        }

        text.Append("|\n");
        foreach (int width in widths) text.Append('|').Append('-', width + 2);
        text.Append("|\n");
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++) text.Append("| ").Append(row[i]).Append(' ', widths[i] - Width(row[i]) + 1);
            text.Append("|\n");
        }

        output.Write(text);
    }

    /// <summary>A line a row; cells that hold the separator, quotes or line ends, or begin with a space, are quoted.</summary>
    public static void WriteSeparated(TextWriter output, char separator, string[] header, IReadOnlyList<string[]> rows)
    {
        foreach (string[] row in rows.Prepend(header))
            output.Write(string.Join(separator, row.Select(cell => Quoted(cell, separator))) + "\n");
    }

    private static string Quoted(string cell, char separator)
    {
        bool plain = cell.Length == 0 || (!char.IsWhiteSpace(cell[0]) && cell.AsSpan().IndexOfAny(separator, '"', '\n') < 0 && !cell.Contains('\r'));
        return plain ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static int Width(string text) => text.EnumerateRunes().Count();
}
