using System.Buffers;

namespace Aion.Model;

/// <summary>
/// An expression for relabelling and <c>label_replace</c>: put between <c>^(?s:</c> and <c>)$</c> as text (so <c>a)|(b</c> is valid and means
/// "starts with a, or ends with b"), with groups for a replacement. Linear in the value; thread-safe.
/// </summary>
public sealed class ReplacingRegex
{
    private readonly RegexNode _node;
    private readonly LabelRegex? _whole;
    private readonly Lazy<RegexDfa>? _search;
    private readonly Lazy<RegexProgram> _program;
    private readonly string?[] _groupNames;

    private ReplacingRegex(string pattern, RegexNode node)
    {
        Pattern = pattern;
        _node = node;
        _groupNames = GroupNames(node);
        bool whole = node.Op == RegexOp.Concat && node.Children is [{ Assertion: RegexAssertion.BeginText, Op: RegexOp.Assertion }, _, { Assertion: RegexAssertion.EndText, Op: RegexOp.Assertion }];
        if (whole) _whole = LabelRegex.FromNode(pattern, node);
        else _search = new Lazy<RegexDfa>(() => new RegexDfa(RegexProgram.WholeText(Anywhere(node))));
        _program = new Lazy<RegexProgram>(() => RegexProgram.Search(_node));
    }

    /// <summary>The expression as given, without what is put around it.</summary>
    public string Pattern { get; }

    /// <summary>Number of groups, those without a name included.</summary>
    public int GroupCount => _groupNames.Length - 1;

    /// <exception cref="FormatException">The pattern is not valid or too large; the message is Go's (<c>error parsing regexp: …</c>).</exception>
    public static ReplacingRegex Parse(string pattern) => new(pattern, RegexParser.Parse($"^(?s:{pattern})$", RegexFlags.None));

    public bool IsMatch(ReadOnlySpan<byte> value) => _whole is not null ? _whole.IsMatch(value) : _search!.Value.Matches(value);

    /// <summary>Writes the template with the groups of the match put in; writes nothing and returns false when nothing matches.</summary>
    public bool TryExpand(ReadOnlySpan<byte> value, RegexTemplate template, IBufferWriter<byte> target)
    {
        if (!IsMatch(value)) return false;
        int[] slots = template.IsConstant ? [] : new RegexCaptures(_program.Value, _groupNames.Length * 2).Find(value) ?? [];
        template.Expand(value, slots, _groupNames, target);
        return true;
    }

    /// <summary>
    /// Writes the value with every match replaced. There is more than one at most, and less than the whole value, when the pattern breaks out of
    /// the text around it (<c>a)|(b</c>).
    /// </summary>
    public void ReplaceAll(ReadOnlySpan<byte> value, RegexTemplate template, IBufferWriter<byte> target)
    {
        var captures = new RegexCaptures(_program.Value, _groupNames.Length * 2);
        int written = 0, from = 0, lastEnd = -1;
        while (from <= value.Length && captures.Find(value, from) is { } slots)
        {
            (int start, int end) = (slots[0], slots[1]);
            target.Write(value[written..start]);
            // An empty match right behind another one is part of it.
            if (end > lastEnd || start == 0) template.Expand(value, slots, _groupNames, target);
            written = lastEnd = end;
            int step = 1;
            if (from < value.Length) Utf8Runes.Read(value[from..], out step);
            from = Math.Max(from + step, end);
        }

        if (written < value.Length) target.Write(value[written..]);
    }

    public override string ToString() => Pattern;

    private static RegexNode Anywhere(RegexNode node)
    {
        RegexNode anything = RegexNode.Loop(RegexOp.Star, RegexNode.OfSet(RuneSet.All), lazy: false);
        return RegexNode.Concat([anything, node, anything]);
    }

    private static string?[] GroupNames(RegexNode root)
    {
        var names = new SortedDictionary<int, string?> { [0] = null };
        var pending = new Stack<RegexNode>([root]);
        while (pending.TryPop(out RegexNode? node))
        {
            if (node.Op == RegexOp.Capture) names[node.CaptureIndex] = node.CaptureName;
            foreach (RegexNode child in node.Children) pending.Push(child);
        }

        string?[] byIndex = new string?[names.Keys.Last() + 1];
        foreach (var (index, name) in names) byIndex[index] = name;
        return byIndex;
    }
}
