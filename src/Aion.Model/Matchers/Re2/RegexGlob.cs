using System.Text;

namespace Aion.Model;

/// <summary>Expressions made of literals with <c>.*</c> or <c>.+</c> between, before or after: searched for without an automaton.</summary>
internal sealed class RegexGlob
{
    private const int NoGap = -1;

    // Literals in order, and before each of them (and after the last) the smallest gap in bytes, or no gap at all.
    private readonly List<byte[]> _literals = [];
    private readonly List<int> _gaps = [];

    private RegexGlob()
    {
    }

    public static RegexGlob? TryCreate(RegexNode node)
    {
        var glob = new RegexGlob();
        int gap = NoGap;
        foreach (RegexNode part in Parts(node))
        {
            if (part.Op == RegexOp.Literal && !part.Folded)
            {
                byte[] literal = Encoding.UTF8.GetBytes(RegexLiterals.ToText(part.Runes));
                // Two literals in a row come from groups.
                if (gap == NoGap && glob._literals.Count > 0)
                {
                    glob._literals[^1] = [.. glob._literals[^1], .. literal];
                    continue;
                }

                glob._literals.Add(literal);
                glob._gaps.Add(gap);
                gap = NoGap;
                continue;
            }

            bool any = part.Op is RegexOp.Star or RegexOp.Plus && part.Child.Op == RegexOp.Class && part.Child.Set == RuneSet.All;
            // A second one-or-more would ask for two characters, which are not to be counted in bytes.
            if (!any || (part.Op == RegexOp.Plus && gap > 0)) return null;
            gap = Math.Max(gap, part.Min);
        }

        glob._gaps.Add(gap);
        return glob;
    }

    public bool Matches(ReadOnlySpan<byte> text)
    {
        var at = 0;
        for (var i = 0; i < _literals.Count; i++)
        {
            ReadOnlySpan<byte> literal = _literals[i], rest = text[at..];
            int gap = _gaps[i];
            bool last = i == _literals.Count - 1 && _gaps[^1] == NoGap;
            if (gap == NoGap)
            {
                if (last ? !rest.SequenceEqual(literal) : !rest.StartsWith(literal)) return false;
                at += literal.Length;
                continue;
            }

            if (rest.Length < gap + literal.Length) return false;
            // The first place for a literal leaves most room for the next; the last must stand at the end.
            int found = last ? (rest.EndsWith(literal) ? rest.Length - literal.Length - gap : -1) : rest[gap..].IndexOf(literal);
            if (found < 0) return false;
            at += gap + found + literal.Length;
        }

        return _gaps[^1] == NoGap ? at == text.Length : text.Length - at >= _gaps[^1];
    }

    private static IEnumerable<RegexNode> Parts(RegexNode node)
    {
        switch (node.Op)
        {
            case RegexOp.Empty: return [];
            case RegexOp.Capture: return Parts(node.Child);
            case RegexOp.Concat: return node.Children.SelectMany(Parts);
            default: return [node];
        }
    }
}
