using System.Buffers;
using System.Globalization;
using System.Text;

namespace Aion.Model;

/// <summary>
/// A replacement text with references to groups: <c>$1</c>, <c>$name</c>, <c>${1}</c>, <c>${name}</c>; <c>$$</c> is a dollar. A name is as long as
/// it can be (<c>$1x</c> is the group "1x"); a reference to no group is empty; a dollar that begins no reference stands for itself.
/// </summary>
public sealed class RegexTemplate
{
    private readonly List<Part> _parts = [];

    private RegexTemplate(string text) => Text = text;

    public string Text { get; }

    /// <summary>True when the text refers to nothing, so that it expands to the same whatever matched.</summary>
    public bool IsConstant => _parts.TrueForAll(part => part.Name is null);

    public static RegexTemplate Parse(string text)
    {
        var template = new RegexTemplate(text);
        var literal = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] != '$')
            {
                literal.Append(text[at++]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '$')
            {
                literal.Append('$');
                at += 2;
            }
            else if (TryReadName(text, at + 1, out string name, out int next))
            {
                template.Add(literal, new Part(null, name, NumberOf(name)));
                at = next;
            }
            else
            {
                literal.Append(text[at++]);
            }
        }

        template.Add(literal, null);
        return template;
    }

    public override string ToString() => Text;

    internal void Expand(ReadOnlySpan<byte> input, ReadOnlySpan<int> slots, string?[] names, IBufferWriter<byte> target)
    {
        foreach (Part part in _parts)
        {
            if (part.Literal is not null) target.Write(part.Literal);
            else if (part.Number >= 0) WriteGroup(input, slots, part.Number, target);
            else WriteNamed(input, slots, names, part.Name!, target);
        }
    }

    private static void WriteNamed(ReadOnlySpan<byte> input, ReadOnlySpan<int> slots, string?[] names, string name, IBufferWriter<byte> target)
    {
        for (var group = 1; group < names.Length; group++)
        {
            // The same name may be used more than once; the first group that took part counts.
            if (names[group] != name || slots[group * 2] < 0) continue;
            WriteGroup(input, slots, group, target);
            return;
        }
    }

    private static void WriteGroup(ReadOnlySpan<byte> input, ReadOnlySpan<int> slots, int group, IBufferWriter<byte> target)
    {
        if ((group * 2) + 1 >= slots.Length || slots[group * 2] < 0) return;
        target.Write(input[slots[group * 2]..slots[(group * 2) + 1]]);
    }

    private static bool TryReadName(string text, int start, out string name, out int next)
    {
        bool brace = start < text.Length && text[start] == '{';
        int from = brace ? start + 1 : start, at = from;
        while (at < text.Length && Rune.TryGetRuneAt(text, at, out Rune rune) && IsNameRune(rune)) at += rune.Utf16SequenceLength;
        name = text[from..at];
        next = brace ? at + 1 : at;
        return at > from && (!brace || (at < text.Length && text[at] == '}'));
    }

    private static bool IsNameRune(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber;

    /// <summary>The number a name spells in plain digits without leading zeros; −1 when it is a name.</summary>
    private static int NumberOf(string name)
    {
        if (name.Length > 9 || (name.Length > 1 && name[0] == '0')) return -1;
        foreach (char c in name)
            if (!char.IsAsciiDigit(c)) return -1;
        return int.Parse(name, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private void Add(StringBuilder literal, Part? reference)
    {
        if (literal.Length > 0) _parts.Add(new Part(Encoding.UTF8.GetBytes(literal.ToString()), null, -1));
        literal.Clear();
        if (reference is not null) _parts.Add(reference);
    }

    private sealed record Part(byte[]? Literal, string? Name, int Number);
}
