using System.Text;

namespace Aion.Model;

/// <summary>
/// A fully anchored regular expression over label values: RE2's language, in which <c>.</c> matches newlines too. Time is linear in the
/// value whatever the expression. Immutable for its users and thread-safe.
/// </summary>
public sealed class LabelRegex
{
    private readonly RegexNode _node;
    private readonly LiteralSet? _literals;
    private readonly RegexGlob? _glob;
    private readonly Lazy<RegexDfa>? _dfa;

    private LabelRegex(string pattern, RegexNode node)
    {
        Pattern = pattern;
        _node = WithoutAnchors(node);
        SetMatches = RegexLiterals.Expand(_node);
        if (SetMatches is string[] literals) _literals = new LiteralSet(literals);
        else _glob = RegexGlob.TryCreate(_node);
        if (_literals is null && _glob is null) _dfa = new Lazy<RegexDfa>(() => new RegexDfa(RegexProgram.WholeText(_node)));
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
        _literals is not null ? _literals.Contains(value) : _glob is not null ? _glob.Matches(value) : _dfa!.Value.Matches(value);

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

    private static bool IsAssertion(RegexNode node, RegexAssertion assertion) => node.Op == RegexOp.Assertion && node.Assertion == assertion;
}
