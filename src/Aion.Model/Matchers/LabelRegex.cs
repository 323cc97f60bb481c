using System.Text;

namespace Aion.Model;

/// <summary>
/// A fully anchored regular expression over label values: RE2's language, in which <c>.</c> matches newlines too. Time is linear in the
/// value whatever the expression. Immutable for its users and thread-safe.
/// </summary>
public sealed class LabelRegex
{
    // A value matches when any of these that is there says so.
    private readonly LiteralSet? _literals;
    private readonly RegexGlob? _glob;
    private readonly Lazy<RegexDfa>? _dfa;

    private LabelRegex(string pattern, RegexNode node)
    {
        Pattern = pattern;
        node = WithoutAnchors(node);
        string[]? all = RegexLiterals.Expand(node);
        RegexNode? rest = null;
        List<string> literals = [];
        if (all is null) rest = TakeLiterals(node, out literals);
        // Anchors inside an alternation may be all that kept it from being a set.
        if (rest is null) SetMatches = all ??= RegexLiterals.Distinct(literals);
        else all = literals.Count > 0 ? RegexLiterals.Distinct(literals) : null;

        if (all is not null) _literals = new LiteralSet(all);
        if (rest is null) return;
        _glob = RegexGlob.TryCreate(rest);
        if (_glob is null) _dfa = new Lazy<RegexDfa>(() => new RegexDfa(RegexProgram.WholeText(rest)));
    }

    public string Pattern { get; }

    /// <summary>
    /// The complete list of values that match, distinct and in byte order, when the expression is a set of literals (also written with groups
    /// and small classes); else null.
    /// </summary>
    public IReadOnlyList<string>? SetMatches { get; }

    /// <exception cref="FormatException">The pattern is not valid or too large; the message is Go's (<c>error parsing regexp: …</c>).</exception>
    public static LabelRegex Parse(string pattern) => new(pattern, RegexParser.Parse(pattern, RegexFlags.DotAll));

    internal static LabelRegex FromNode(string pattern, RegexNode node) => new(pattern, node);

    public bool IsMatch(ReadOnlySpan<byte> value) =>
        (_literals is not null && _literals.Contains(value)) || (_glob is not null && _glob.Matches(value)) || (_dfa is not null && _dfa.Value.Matches(value));

    public bool IsMatch(string value)
    {
        int size = Encoding.UTF8.GetByteCount(value);
        Span<byte> utf8 = size <= 512 ? stackalloc byte[512] : new byte[size];
        return IsMatch(utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
    }

    public override string ToString() => Pattern;

    /// <summary>The match is of the whole value, so a <c>^</c> in front and a <c>$</c> at the end say nothing.</summary>
    internal static RegexNode WithoutAnchors(RegexNode node)
    {
        if (node.Op == RegexOp.Assertion) return node.Assertion is RegexAssertion.BeginText or RegexAssertion.EndText ? RegexNode.Empty : node;
        if (node.Op != RegexOp.Concat) return node;
        List<RegexNode> parts = [.. node.Children];
        while (parts.Count > 0 && IsAssertion(parts[0], RegexAssertion.BeginText)) parts.RemoveAt(0);
        while (parts.Count > 0 && IsAssertion(parts[^1], RegexAssertion.EndText)) parts.RemoveAt(parts.Count - 1);
        return RegexNode.Concat(parts);
    }

    /// <summary>Takes the literals out of an alternation, so that a long list with one pattern among it is mostly a lookup.</summary>
    /// <returns>The branches that are left; null when there are none.</returns>
    private static RegexNode? TakeLiterals(RegexNode node, out List<string> literals)
    {
        literals = [];
        while (node.Op == RegexOp.Capture) node = node.Child;
        if (node.Op != RegexOp.Alternate) return node;
        var rest = new List<RegexNode>();
        foreach (RegexNode branch in node.Children)
        {
            RegexNode bare = WithoutAnchors(branch);
            if (RegexLiterals.Expand(bare) is { } texts) literals.AddRange(texts);
            else rest.Add(bare);
        }

        return rest.Count == 0 ? null : RegexNode.Alternate(rest);
    }

    private static bool IsAssertion(RegexNode node, RegexAssertion assertion) => node.Op == RegexOp.Assertion && node.Assertion == assertion;
}
