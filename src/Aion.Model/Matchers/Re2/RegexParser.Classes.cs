namespace Aion.Model;

/// <summary>Escapes and character classes.</summary>
internal sealed partial class RegexParser
{
    private void ParseBackslash()
    {
        if (_at + 1 < _text.Length)
        {
            switch (_text[_at + 1])
            {
                case 'A': Push(RegexNode.Assert(RegexAssertion.BeginText), 2); return;
                case 'z': Push(RegexNode.Assert(RegexAssertion.EndText), 2); return;
                case 'b': Push(RegexNode.Assert(RegexAssertion.WordBoundary), 2); return;
                case 'B': Push(RegexNode.Assert(RegexAssertion.NotWordBoundary), 2); return;
                case 'C': Fail("invalid escape sequence", "\\C"); return;
                case 'Q': ParseQuoted(); return;
            }
        }

        if (TryParseNamedEscape() is { } set) PushSet(set);
        else PushLiteral(ParseEscape());
    }

    /// <summary>Text between <c>\Q</c> and <c>\E</c>, or the end, stands for itself.</summary>
    private void ParseQuoted()
    {
        _at += 2;
        int end = _text.IndexOf("\\E", _at, StringComparison.Ordinal);
        int stop = end < 0 ? _text.Length : end;
        while (_at < stop) PushLiteral(NextRune());
        if (end >= 0) _at = end + 2;
    }

    /// <summary><c>\d</c>, <c>\pL</c>, <c>\p{Greek}</c>, <c>\P{^Greek}</c> …; null when it is another escape.</summary>
    private RuneSet? TryParseNamedEscape()
    {
        if (_at + 1 >= _text.Length) return null;
        char kind = _text[_at + 1];
        if (kind is 'd' or 's' or 'w' or 'D' or 'S' or 'W')
        {
            _at += 2;
            return UnicodeClasses.Find($"\\{char.ToLowerInvariant(kind)}", char.IsUpper(kind), Has(RegexFlags.Fold));
        }

        return kind is 'p' or 'P' ? ParseUnicodeGroup(kind == 'P') : null;
    }

    private RuneSet ParseUnicodeGroup(bool negated)
    {
        int start = _at;
        _at += 2;
        if (_at == _text.Length) Fail("invalid character class range", _text[start..]);
        string name;
        if (_text[_at] == '{')
        {
            int end = _text.IndexOf('}', _at);
            if (end < 0) Fail("invalid character class range", _text[start..]);
            name = _text[(_at + 1)..end];
            _at = end + 1;
        }
        else
        {
            int letter = _at;
            NextRune();
            name = _text[letter.._at];
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        // Perl and POSIX classes are kept under their own spelling, which is no name here.
        RuneSet? set = name.StartsWith('\\') || name.StartsWith('[') ? null : UnicodeClasses.Find(name, negated, Has(RegexFlags.Fold));
        if (set is null) Fail("invalid character class range", _text[start.._at]);
        return set;
    }

    /// <summary>Reads the escape of one code point.</summary>
    private int ParseEscape()
    {
        int start = _at++;
        if (_at == _text.Length) Fail("trailing backslash at end of expression", "");
        int c = NextRune();
        switch (c)
        {
            case >= '1' and <= '7' when _at == _text.Length || _text[_at] is < '0' or > '7':
                // A single digit would be a backreference.
                break;
            case >= '0' and <= '7':
                int octal = c - '0';
                for (var i = 1; i < 3 && _at < _text.Length && _text[_at] is >= '0' and <= '7'; i++) octal = (octal * 8) + _text[_at++] - '0';
                return octal;
            case 'x':
                if (TryParseHex(out int rune)) return rune;
                break;
            case 'a': return '\a';
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'v': return '\v';
            case < 0x80 when !char.IsAsciiLetterOrDigit((char)c):
                return c;
        }

        Fail("invalid escape sequence", _text[start.._at]);
        return 0;
    }

    private bool TryParseHex(out int rune)
    {
        rune = 0;
        if (_at == _text.Length) return false;
        int first = NextRune();
        if (first != '{')
        {
            if (_at == _text.Length) return false;
            int second = NextRune();
            rune = (HexDigit(first) * 16) + HexDigit(second);
            return HexDigit(first) >= 0 && HexDigit(second) >= 0;
        }

        for (var digits = 0; _at < _text.Length; digits++)
        {
            int c = NextRune();
            if (c == '}') return digits > 0;
            int digit = HexDigit(c);
            if (digit < 0) return false;
            rune = (rune * 16) + digit;
            if (rune > RuneSet.MaxRune) return false;
        }

        return false;
    }

    private static int HexDigit(int c) => c < 0x80 && char.IsAsciiHexDigit((char)c) ? Convert.ToInt32(((char)c).ToString(), 16) : -1;

    /// <summary>Reads <c>[…]</c>.</summary>
    private RuneSet ParseClass()
    {
        int start = _at++;
        bool negated = _at < _text.Length && _text[_at] == '^';
        if (negated) _at++;
        var set = new RuneSetBuilder();
        // A ] that comes first stands for itself.
        for (bool first = true; _at == _text.Length || _text[_at] != ']' || first; first = false)
        {
            if (TryParsePosixClass() is { } named || (named = _at < _text.Length && _text[_at] == '\\' ? TryParseNamedEscape() : null) is not null)
                set.Add(named);
            else
                AddRange(start, set);
            if (_ranges + set.RangeCount > MaxRanges) Fail("expression too large", _text);
        }

        _at++;
        RuneSet result = set.ToSet();
        return negated ? result.Negate() : result;
    }

    private void AddRange(int classStart, RuneSetBuilder set)
    {
        int start = _at;
        int low = ClassRune(classStart), high = low;
        // In [a-] the dash stands for itself.
        if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
        {
            _at++;
            high = ClassRune(classStart);
            if (high < low) Fail("invalid character class range", _text[start.._at]);
        }

        if (Has(RegexFlags.Fold)) set.AddFolded(low, high);
        else set.Add(low, high);
    }

    private int ClassRune(int classStart)
    {
        if (_at == _text.Length) Fail("missing closing ]", _text[classStart..]);
        return _text[_at] == '\\' ? ParseEscape() : NextRune();
    }

    /// <summary><c>[:alpha:]</c> or <c>[:^alpha:]</c>; null when there is no such form here.</summary>
    private RuneSet? TryParsePosixClass()
    {
        if (_noPosixEnd || _at + 2 >= _text.Length || _text[_at] != '[' || _text[_at + 1] != ':') return null;
        int end = _text.IndexOf(":]", _at + 2, StringComparison.Ordinal);
        // Looked for once only: a long text of openings would be searched to its end for each of them.
        _noPosixEnd = end < 0;
        if (_noPosixEnd) return null;
        string spelled = _text[_at..(end + 2)];
        bool negated = spelled.StartsWith("[:^", StringComparison.Ordinal);
        RuneSet? set = UnicodeClasses.Find(negated ? $"[:{spelled[3..]}" : spelled, negated, Has(RegexFlags.Fold));
        if (set is null) Fail("invalid character class range", spelled);
        _at = end + 2;
        return set;
    }
}
