using System.Text;

namespace Aion.Model;

/// <summary>Comparisons between UTF-8 spans and strings that do not allocate.</summary>
public static class Utf8Text
{
    public static bool EqualsText(ReadOnlySpan<byte> utf8, string text)
    {
        if (utf8.Length < text.Length) return false;
        if (Ascii.IsValid(utf8)) return Ascii.Equals(utf8, text);
        return Encoding.UTF8.GetByteCount(text) == utf8.Length && Encoding.UTF8.GetString(utf8) == text;
    }

    /// <summary>Order by UTF-8 bytes, which is the order of everything sorted in a block or on the wire.</summary>
    public static int CompareByBytes(string a, string b)
    {
        // Code-unit order equals byte order unless a surrogate meets a unit above it.
        int length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            char x = a[i], y = b[i];
            if (x == y) continue;
            if (char.IsSurrogate(x) != char.IsSurrogate(y)) return char.IsSurrogate(x) ? 1 : -1;
            return x.CompareTo(y);
        }

        return a.Length.CompareTo(b.Length);
    }
}
