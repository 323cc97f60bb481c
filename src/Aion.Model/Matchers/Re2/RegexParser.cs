using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aion.Model;

[Flags]
internal enum RegexFlags
{
    None = 0,
    Fold = 1,

    /// <summary><c>^</c> and <c>$</c> match at lines too.</summary>
    MultiLine = 2,

    /// <summary><c>.</c> matches a newline too.</summary>
    DotAll = 4,

    /// <summary>Greedy and lazy are swapped.</summary>
    Ungreedy = 8,
}

/// <summary>
/// Reads RE2's syntax with Perl classes and Unicode groups. Errors read as in Go. Nothing here recurses with the pattern, and what the
/// later passes recurse over is at most <see cref="MaxHeight"/> deep.
/// </summary>
internal sealed partial class RegexParser
{
    private const int MaxHeight = 1000;
    private const int MaxRepeat = 1000;
    private const long MaxSize = (128 << 20) / 40;
    private const int MaxRanges = 4 << 20;

    private readonly string _text;
    private readonly Stack<Group> _outer = new();
    private Group _group;
    private RegexFlags _flags;
    private int _at;
    private int _captures;
    private int _ranges;
    private int _repeatStart = -1;
    private bool _noPosixEnd;

    private RegexParser(string text, RegexFlags flags)
    {
        _text = text;
        _flags = flags;
        _group = new Group(flags, 0, null);
    }

    /// <exception cref="FormatException">The expression is not valid, or too large; says so in Go's words.</exception>
    public static RegexNode Parse(string text, RegexFlags flags) => new RegexParser(text, flags).Parse();

    private RegexNode Parse()
    {
        while (_at < _text.Length)
        {
            int repeat = -1;
            switch (_text[_at])
            {
                case '(': OpenGroup(); break;
                case ')': CloseGroup(); break;
                case '|': _group.EndBranch(this); _at++; break;
                case '^': Push(RegexNode.Assert(Has(RegexFlags.MultiLine) ? RegexAssertion.BeginLine : RegexAssertion.BeginText), 1); break;
                case '$': Push(RegexNode.Assert(Has(RegexFlags.MultiLine) ? RegexAssertion.EndLine : RegexAssertion.EndText), 1); break;
                case '.': Push(RegexNode.OfSet(Has(RegexFlags.DotAll) ? RuneSet.All : RuneSet.NotNewline), 1); break;
                case '[': PushSet(ParseClass()); break;
                case '*' or '+' or '?': repeat = ParseLoop(); break;
                case '{': repeat = ParseRepeat(); break;
                case '\\': ParseBackslash(); break;
                default: PushLiteral(NextRune()); break;
            }

            _repeatStart = repeat;
        }

        if (_outer.Count > 0) Fail("missing closing )", _text);
        return _group.End(this);
    }

    private bool Has(RegexFlags flag) => (_flags & flag) != 0;

    private void Push(RegexNode node, int length)
    {
        _at += length;
        _group.Flush();
        _group.Branch.Add(Checked(node));
    }

    private void PushSet(RuneSet set)
    {
        if (set.Single is { } rune)
        {
            _group.AddRune(rune, folded: false);
            return;
        }

        _ranges += set.RangeCount;
        if (_ranges > MaxRanges) Fail("expression too large", _text);
        Push(RegexNode.OfSet(set), 0);
    }

    private void PushLiteral(int rune) => _group.AddRune(rune, Has(RegexFlags.Fold) && UnicodeClasses.FoldsOf(rune) is not null);

    private RegexNode Checked(RegexNode node)
    {
        if (node.Height > MaxHeight) Fail("expression nests too deeply", _text);
        if (node.Size > MaxSize) Fail("expression too large", _text);
        return node;
    }

    private void OpenGroup()
    {
        if (_outer.Count > 2 * MaxHeight) Fail("expression nests too deeply", _text);
        if (_at + 1 < _text.Length && _text[_at + 1] == '?')
        {
            ParseGroupFlags();
            return;
        }

        _at++;
        Open(++_captures, null);
    }

    private void Open(int capture, string? name)
    {
        _outer.Push(_group);
        _group = new Group(_flags, capture, name);
    }

    private void CloseGroup()
    {
        RegexNode content = _group.End(this);
        if (!_outer.TryPop(out Group? outer)) Fail("unexpected )", _text);
        RegexNode node = _group.Capture == 0 ? content : RegexNode.Capture(content, _group.Capture, _group.Name);
        _flags = _group.Flags;
        _group = outer;
        Push(node, 1);
    }

    /// <summary>Reads <c>(?flags)</c>, <c>(?flags:</c>, <c>(?P&lt;name&gt;</c> or <c>(?&lt;name&gt;</c>.</summary>
    private void ParseGroupFlags()
    {
        int start = _at;
        ReadOnlySpan<char> rest = _text.AsSpan(start);
        bool python = rest.Length > 4 && rest[2] == 'P' && rest[3] == '<';
        if (python || (rest.Length > 3 && rest[2] == '<'))
        {
            ParseNamedGroup(rest, python ? 4 : 3);
            return;
        }

        RegexFlags flags = _flags;
        bool negative = false, seen = false;
        _at += 2;
        while (_at < _text.Length)
        {
            int c = NextRune();
            RegexFlags flag = c switch { 'i' => RegexFlags.Fold, 'm' => RegexFlags.MultiLine, 's' => RegexFlags.DotAll, 'U' => RegexFlags.Ungreedy, _ => 0 };
            if (flag != 0)
            {
                flags = negative ? flags & ~flag : flags | flag;
                seen = true;
            }
            else if (c == '-' && !negative)
            {
                negative = true;
                seen = false;
            }
            else if (c is ':' or ')' && (!negative || seen))
            {
                if (c == ':') Open(0, null);
                _flags = flags;
                return;
            }
            else
            {
                break;
            }
        }

        Fail("invalid or unsupported Perl syntax", _text[start.._at]);
    }

    private void ParseNamedGroup(ReadOnlySpan<char> rest, int nameStart)
    {
        int end = rest.IndexOf('>');
        if (end < 0) Fail("invalid named capture", rest.ToString());
        ReadOnlySpan<char> name = rest[nameStart..end];
        bool valid = !name.IsEmpty;
        foreach (char c in name) valid &= char.IsAsciiLetterOrDigit(c) || c == '_';
        if (!valid) Fail("invalid named capture", rest[..(end + 1)].ToString());
        _at += end + 1;
        Open(++_captures, name.ToString());
    }

    private int ParseLoop()
    {
        int start = _at;
        RegexOp op = _text[_at++] switch { '*' => RegexOp.Star, '+' => RegexOp.Plus, _ => RegexOp.Optional };
        bool lazy = TakeLazy();
        RegexNode child = TakeRepeated(start);
        Push(RegexNode.Loop(op, child, lazy), 0);
        return start;
    }

    private int ParseRepeat()
    {
        int start = _at;
        if (!TryReadBounds(out int min, out int max))
        {
            _at = start + 1;
            PushLiteral('{');
            return -1;
        }

        if (min < 0 || min > MaxRepeat || max > MaxRepeat || (max >= 0 && min > max)) Fail("invalid repeat count", _text[start.._at]);
        bool lazy = TakeLazy();
        RegexNode node = RegexNode.Repeat(TakeRepeated(start), min, max, lazy);
        if ((min >= 2 || max >= 2) && node.Repetitions > MaxRepeat) Fail("invalid repeat count", _text[start.._at]);
        Push(node, 0);
        return start;
    }

    private bool TakeLazy()
    {
        bool question = _at < _text.Length && _text[_at] == '?';
        if (question) _at++;
        return question != Has(RegexFlags.Ungreedy);
    }

    private RegexNode TakeRepeated(int start)
    {
        if (_repeatStart >= 0) Fail("invalid nested repetition operator", _text[_repeatStart.._at]);
        RegexNode? child = _group.TakeLast();
        if (child is null) Fail("missing argument to repetition operator", _text[start.._at]);
        return child;
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; anything else is text. A number too large to hold makes min −1.</summary>
    private bool TryReadBounds(out int min, out int max)
    {
        max = 0;
        _at++;
        if (!TryReadInt(out min)) return false;
        max = min;
        if (_at < _text.Length && _text[_at] == ',')
        {
            _at++;
            if (_at < _text.Length && _text[_at] == '}') max = -1;
            else if (!TryReadInt(out max)) return false;
            else if (max < 0) min = -1;
        }

        return _at < _text.Length && _text[_at++] == '}';
    }

    private bool TryReadInt(out int value)
    {
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at])) _at++;
        ReadOnlySpan<char> digits = _text.AsSpan(start, _at - start);
        value = -1;
        if (digits.IsEmpty || (digits.Length > 1 && digits[0] == '0')) return false;
        if (digits.Length <= 9) value = int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return true;
    }

    private int NextRune()
    {
        char c = _text[_at++];
        if (!char.IsSurrogate(c)) return c;
        if (!char.IsHighSurrogate(c) || _at == _text.Length || !char.IsLowSurrogate(_text[_at])) Fail("invalid UTF-8", _text);
        return char.ConvertToUtf32(c, _text[_at++]);
    }

    [DoesNotReturn]
    private static void Fail(string what, string where) => throw new FormatException($"error parsing regexp: {what}: `{where}`");

    /// <summary>A group being read: finished branches of its alternation and the nodes of the one at hand.</summary>
    private sealed class Group(RegexFlags flags, int capture, string? name)
    {
        private readonly List<RegexNode> _branches = [];

        // Text not yet made a node, so that long literals cost their length only.
        private readonly List<int> _runes = [];
        private bool _runesFolded;

        /// <summary>The flags outside, to return to.</summary>
        public RegexFlags Flags { get; } = flags;

        /// <summary>0 for a group that captures nothing.</summary>
        public int Capture { get; } = capture;

        public string? Name { get; } = name;

        public List<RegexNode> Branch { get; } = [];

        public void AddRune(int rune, bool folded)
        {
            // A surrogate has no UTF-8 form of its own; as text it is the replacement character.
            if (rune is >= 0xD800 and <= 0xDFFF) rune = Utf8Runes.Replacement;
            if (folded != _runesFolded) Flush();
            _runesFolded = folded;
            _runes.Add(rune);
        }

        public void Flush()
        {
            if (_runes.Count == 0) return;
            Branch.Add(RegexNode.Literal([.. _runes], _runesFolded));
            _runes.Clear();
        }

        /// <summary>Takes what a repetition applies to: the last rune or the last node; null when there is nothing.</summary>
        public RegexNode? TakeLast()
        {
            if (_runes.Count > 0)
            {
                int rune = _runes[^1];
                _runes.RemoveAt(_runes.Count - 1);
                Flush();
                return RegexNode.Literal([rune], _runesFolded);
            }

            if (Branch.Count == 0) return null;
            RegexNode last = Branch[^1];
            Branch.RemoveAt(Branch.Count - 1);
            return last;
        }

        public void EndBranch(RegexParser parser)
        {
            Flush();
            _branches.Add(parser.Checked(RegexNode.Concat(JoinLiterals())));
            Branch.Clear();
        }

        public RegexNode End(RegexParser parser)
        {
            EndBranch(parser);
            return parser.Checked(RegexNode.Alternate(_branches));
        }

        private List<RegexNode> JoinLiterals()
        {
            var joined = new List<RegexNode>();
            var runes = new List<int>();
            for (var i = 0; i < Branch.Count; i++)
            {
                RegexNode node = Branch[i];
                if (node.Op == RegexOp.Empty) continue;
                if (node.Op != RegexOp.Literal)
                {
                    joined.Add(node);
                    continue;
                }

                runes.AddRange(node.Runes);
                if (i + 1 < Branch.Count && Branch[i + 1].Op == RegexOp.Literal && Branch[i + 1].Folded == node.Folded) continue;
                joined.Add(RegexNode.Literal([.. runes], node.Folded));
                runes.Clear();
            }

            return joined;
        }
    }
}
