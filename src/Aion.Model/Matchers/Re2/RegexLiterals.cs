using System.Text;

namespace Aion.Model;

/// <summary>Finds out whether an expression is only a set of literals.</summary>
internal static class RegexLiterals
{
    /// <summary>Values a class or a concatenation may expand to; an alternation may list any number.</summary>
    private const int MaxExpanded = 256;

    /// <summary>All texts the whole of which the node matches, sorted by bytes and distinct; null when that is no short list.</summary>
    public static string[]? Expand(RegexNode node) => TryExpand(node) is { } texts ? Distinct(texts) : null;

    /// <summary>Each text once, in byte order.</summary>
    public static string[] Distinct(IEnumerable<string> texts) =>
        [.. new SortedSet<string>(texts, Comparer<string>.Create(Utf8Text.CompareByBytes))];

    private static List<string>? TryExpand(RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Empty: return [""];
            case RegexOp.Capture: return TryExpand(node.Child);
            case RegexOp.Literal: return node.Folded ? null : [ToText(node.Runes)];
            case RegexOp.Class: return ExpandClass(node.Set!);
            case RegexOp.Concat: return ExpandConcat(node.Children);
            case RegexOp.Alternate: return ExpandAlternate(node.Children);
            default: return null;
        }
    }

    private static List<string>? ExpandClass(RuneSet set)
    {
        if (set.Count is 0 or > MaxExpanded) return null;
        var texts = new List<string>();
        for (var i = 0; i < set.Bounds.Length; i += 2)
        {
            for (int rune = set.Bounds[i]; rune <= set.Bounds[i + 1]; rune++)
            {
                // A surrogate in a range matches nothing, but as text it would be U+FFFD.
                if (!Rune.IsValid(rune)) return null;
                texts.Add(ToText([rune]));
            }
        }

        return texts;
    }

    private static List<string>? ExpandConcat(RegexNode[] children)
    {
        List<string> texts = [""];
        foreach (RegexNode child in children)
        {
            if (TryExpand(child) is not { } next) return null;
            if ((long)texts.Count * next.Count > MaxExpanded) return null;
            texts = [.. texts.SelectMany(_ => next, (first, second) => first + second)];
        }

        return texts;
    }

    private static List<string>? ExpandAlternate(RegexNode[] children)
    {
        var texts = new List<string>();
        foreach (RegexNode child in children)
        {
            if (TryExpand(child) is not { } next) return null;
            texts.AddRange(next);
            if (texts.Count > children.Length + MaxExpanded) return null;
        }

        return texts;
    }

    public static string ToText(ReadOnlySpan<int> runes)
    {
        var text = new StringBuilder();
        foreach (int rune in runes) text.Append(new Rune(rune).ToString());
        return text.ToString();
    }
}
