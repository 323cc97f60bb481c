namespace Aion.Caching;

/// <summary>Texts in which numbers count as numbers: <c>cache-2</c> before <c>cache-10</c>. It decides which server is which for the hash.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> a = x, b = y;
        while (!a.IsEmpty && !b.IsEmpty)
        {
            ReadOnlySpan<char> left = Part(ref a), right = Part(ref b);
            int order = IsNumber(left) && IsNumber(right) ? CompareNumbers(left, right) : left.SequenceCompareTo(right);
            if (order != 0) return order;
        }

        int rest = a.Length.CompareTo(b.Length);
        return rest != 0 ? rest : string.CompareOrdinal(x, y);
    }

    private static bool IsNumber(ReadOnlySpan<char> part) => char.IsAsciiDigit(part[0]);

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    /// <summary>Takes the digits, or all up to the next digit, off the front.</summary>
    private static ReadOnlySpan<char> Part(ref ReadOnlySpan<char> text)
    {
        bool digits = char.IsAsciiDigit(text[0]);
        int end = 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]) == digits) end++;
        ReadOnlySpan<char> part = text[..end];
        text = text[end..];
        return part;
    }
}
