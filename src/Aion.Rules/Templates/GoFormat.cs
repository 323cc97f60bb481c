using System.Globalization;
using System.Text;
using Aion.Model;

namespace Aion.Rules;

/// <summary>printf in Go's dialect, for the kinds of values that templates have.</summary>
internal static class GoFormat
{
    private const int MaxWidth = 1000;

    public static string Format(string format, IReadOnlyList<object?> arguments)
    {
        StringBuilder text = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            Verb verb = Verb.Read(format, ref i);
            if (verb.Letter == '\0') text.Append("%!(NOVERB)");
            else if (verb.Letter == '%') text.Append('%');
            else if (next >= arguments.Count) text.Append("%!").Append(verb.Letter).Append("(MISSING)");
            else text.Append(verb.Pad(One(verb, arguments[next++])));
        }

        if (next < arguments.Count)
            text.Append("%!(EXTRA ").AppendJoin(", ", arguments.Skip(next).Select(a => $"{TemplateText.TypeOf(a)}={TemplateText.Of(a)}")).Append(')');
        return text.ToString();
    }

    private static string One(Verb verb, object? value) => (verb.Letter, value) switch
    {
        ('v' or 's', string text) => verb.Cut(text),
        ('v', double number) => GoFloat.ToGeneral(number),
        ('v', _) => value is null ? "<nil>" : TemplateText.Of(value),
        ('q', string text) => GoText.Quote(verb.Cut(text)),
        ('t', bool flag) => flag ? "true" : "false",
        ('d', long number) => verb.Sign(number.ToString(CultureInfo.InvariantCulture)),
        ('x', long number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', long number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('o', long number) => Convert.ToString(number, 8),
        ('b', long number) => Convert.ToString(number, 2),
        ('c', long number) => Rune.IsValid((int)number) ? new Rune((int)number).ToString() : "\uFFFD",
        ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
        ('f' or 'F', double number) => verb.Sign(Special(number) ?? number.ToString("F" + (verb.Precision ?? 6), CultureInfo.InvariantCulture)),
        ('e', double number) => verb.Sign(Special(number) ?? Exponent(number, verb.Precision ?? 6)),
        ('g', double number) => verb.Sign(General(number, verb.Precision)),
        ('s', TemplateStruct or IReadOnlyList<object?> or IReadOnlyDictionary<string, object?>) => TemplateText.Of(value),
        (_, null) => $"%!{verb.Letter}(<nil>)",
        _ => $"%!{verb.Letter}({TemplateText.TypeOf(value)}={TemplateText.Of(value)})",
    };

    private static string? Special(double number) => double.IsFinite(number) ? null : GoFloat.ToGeneral(number);

    private static string Exponent(double number, int precision)
    {
        string text = number.ToString("e" + precision, CultureInfo.InvariantCulture);
        int e = text.IndexOf('e', StringComparison.Ordinal);
        // Three digits of exponent here, at least two there.
        return text[..(e + 2)] + text[(e + 2)..].TrimStart('0').PadLeft(2, '0');
    }

    private static string General(double number, int? precision)
    {
        if (precision is not { } digits || !double.IsFinite(number)) return GoFloat.ToGeneral(number);
        if (number == 0) return "0";
        digits = Math.Max(1, digits);
        string scientific = number.ToString("e" + (digits - 1), CultureInfo.InvariantCulture);
        int exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('e', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < digits) return Trimmed(number.ToString("F" + Math.Max(0, digits - 1 - exponent), CultureInfo.InvariantCulture));
        string text = Exponent(number, digits - 1);
        int e = text.IndexOf('e', StringComparison.Ordinal);
        return Trimmed(text[..e]) + text[e..];
    }

    private static string Trimmed(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;

    private readonly record struct Verb(char Letter, int Width, int? Precision, bool Left, bool Zero, bool Plus)
    {
        public static Verb Read(string format, ref int at)
        {
            bool left = false, zero = false, plus = false;
            for (at++; at < format.Length && format[at] is '-' or '0' or '+' or ' ' or '#'; at++)
            {
                left |= format[at] == '-';
                zero |= format[at] == '0';
                plus |= format[at] == '+';
            }

            int width = Number(format, ref at) ?? 0;
            int? precision = null;
            if (at < format.Length && format[at] == '.')
            {
                at++;
                precision = Number(format, ref at) ?? 0;
            }

            return new Verb(at < format.Length ? format[at] : '\0', width, precision, left, zero, plus);
        }

        public string Cut(string text) =>
            Precision is { } most && text.EnumerateRunes().Count() > most ? string.Concat(text.EnumerateRunes().Take(most)) : text;

        public string Sign(string number) => Plus && !number.StartsWith('-') && !number.StartsWith('+') ? "+" + number : number;

        public string Pad(string text)
        {
            int missing = Width - text.EnumerateRunes().Count();
            if (missing <= 0) return text;
            if (Left) return text + new string(' ', missing);
            if (!Zero || Letter is 's' or 'v' or 'q') return new string(' ', missing) + text;
            int sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
            return text[..sign] + new string('0', missing) + text[sign..];
        }

        private static int? Number(string format, ref int at)
        {
            int? number = null;
            for (; at < format.Length && char.IsAsciiDigit(format[at]); at++) number = Math.Min(MaxWidth, ((number ?? 0) * 10) + format[at] - '0');
            return number;
        }
    }
}
