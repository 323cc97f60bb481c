using System.Globalization;
using Aion.Model;

namespace Aion.Rules;

/// <summary>Numbers of a template: Go's integer forms (decimal, 0x, 0o, 0b, underscores) and floats.</summary>
internal static class TemplateNumber
{
    /// <summary>A <see cref="long"/> where the text is an integer, else a <see cref="double"/>.</summary>
    public static bool TryParse(string text, out object value)
    {
        value = 0L;
        if (text.EndsWith('i')) return TryImaginary(text, out value);
        ReadOnlySpan<char> digits = text;
        bool negative = digits.Length > 0 && digits[0] == '-';
        if (digits.Length > 0 && digits[0] is '+' or '-') digits = digits[1..];
        if (digits.Length == 0) return false;
        if (TryInteger(digits.ToString(), out long integer))
        {
            value = negative ? -integer : integer;
            return true;
        }

        if (digits.Contains('_') || !(char.IsAsciiDigit(digits[0]) || digits[0] == '.')) return false;
        try
        {
            value = GoFloat.Parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    // Nothing calculates with these; they only print.
    private static bool TryImaginary(string text, out object value)
    {
        bool isNumber = TryParse(text[..^1], out object part);
        value = new TemplateStruct("complex128", []) { Text = $"(0{(text[0] is '-' ? "" : "+")}{TemplateText.Of(part)}i)" };
        return isNumber;
    }

    private static bool TryInteger(string digits, out long value)
    {
        string plain = digits.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        value = 0;
        if (plain.StartsWith("0x", StringComparison.Ordinal)) return long.TryParse(plain.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (plain.StartsWith("0b", StringComparison.Ordinal)) return long.TryParse(plain.AsSpan(2), NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out value);
        bool octal = plain.StartsWith("0o", StringComparison.Ordinal) || (plain.Length > 1 && plain[0] == '0' && plain.All(char.IsAsciiDigit));
        if (!octal) return long.TryParse(plain, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        foreach (char c in plain.AsSpan(plain[1] == 'o' ? 2 : 1))
        {
            if (c is < '0' or > '7' || value > long.MaxValue >> 3) return false;
            value = (value << 3) + (c - '0');
        }

        return true;
    }
}
