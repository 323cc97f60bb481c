using System.Globalization;

namespace Aion.PromQL;

/// <summary>Byte offsets as users see them.</summary>
public static class TextPosition
{
    /// <summary><c>line:column</c> of a byte offset, both from 1, columns in bytes.</summary>
    public static string Of(ReadOnlySpan<byte> utf8Text, int offset)
    {
        if (utf8Text.IsEmpty) return "unknown position";
        if (offset < 0 || offset > utf8Text.Length) return "invalid position";
        ReadOnlySpan<byte> before = utf8Text[..offset];
        int line = before.Count((byte)'\n') + 1;
        int column = offset - before.LastIndexOf((byte)'\n');
        return string.Create(CultureInfo.InvariantCulture, $"{line}:{column}");
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{byte}, int)"/>
    public static string Of(string text, int offset) => Of(System.Text.Encoding.UTF8.GetBytes(text), offset);
}
