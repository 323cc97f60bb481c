using Aion.Model;

namespace Aion.Rules;

/// <summary>Cuts a template into tokens. An error is the last token; whatever comes after is not looked at.</summary>
/// <remarks>The language is that of Go's text/template; messages are its.</remarks>
internal sealed class TemplateLexer
{
    private const string Left = "{{";
    private const string Right = "}}";

    private static readonly Dictionary<string, TokenKind> Keywords = new()
    {
        ["."] = TokenKind.Dot,
        ["nil"] = TokenKind.Nil,
        ["if"] = TokenKind.If,
        ["else"] = TokenKind.Else,
        ["end"] = TokenKind.EndBlock,
        ["range"] = TokenKind.Range,
        ["with"] = TokenKind.With,
        ["define"] = TokenKind.Define,
        ["block"] = TokenKind.Block,
        ["template"] = TokenKind.Template,
        ["break"] = TokenKind.Break,
        ["continue"] = TokenKind.Continue,
    };

    private readonly string _text;
    private readonly List<TemplateToken> _tokens = [];
    private int _start;
    private int _at;
    private int _line = 1;
    private int _startLine = 1;
    private int _parentheses;

    private TemplateLexer(string text) => _text = text;

    public static List<TemplateToken> Tokenize(string text)
    {
        TemplateLexer lexer = new(text);
        while (lexer.Text() && lexer.Action())
        {
        }

        return lexer._tokens;
    }

    /// <summary>Text up to the next action; false at the end of the template or after an error.</summary>
    private bool Text()
    {
        int open = _text.IndexOf(Left, _at, StringComparison.Ordinal);
        int end = open < 0 ? _text.Length : open;
        bool trims = open >= 0 && Trims(open + Left.Length);
        int kept = trims ? Trimmed(_at, end) : end;
        if (kept > _at)
        {
            _at = kept;
            Emit(TokenKind.Text);
        }

        Skip(end);
        if (open < 0)
        {
            Emit(TokenKind.End);
            return false;
        }

        int body = open + Left.Length + (trims ? 2 : 0);
        if (_text.AsSpan(body).StartsWith("/*")) return Comment(body) && Text();
        _at = open + Left.Length;
        Emit(TokenKind.LeftDelimiter);
        Skip(body);
        _parentheses = 0;
        return true;
    }

    private bool Comment(int body)
    {
        int close = _text.IndexOf("*/", body + 2, StringComparison.Ordinal);
        if (close < 0) return Fail("unclosed comment");
        Skip(close + 2);
        if (!AtRight(out bool trims)) return Fail("comment ends before closing delimiter");
        Skip(_at + Right.Length + (trims ? 2 : 0));
        if (trims) SkipSpace();
        return true;
    }

    /// <summary>The tokens of an action to its right delimiter; false after an error.</summary>
    private bool Action()
    {
        while (true)
        {
            if (AtRight(out bool trims))
            {
                if (_parentheses > 0) return Fail("unclosed left paren");
                if (trims) Skip(_at + 2);
                _at += Right.Length;
                Emit(TokenKind.RightDelimiter);
                if (trims) SkipSpace();
                return true;
            }

            if (_at >= _text.Length) return Fail("unclosed action");
            if (!Token(_text[_at])) return false;
        }
    }

    private bool Token(char c)
    {
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                return Space();
            case '=':
                return Single(TokenKind.Assign);
            case ':':
                if (Peek(1) != '=') return Fail("expected :=");
                _at += 2;
                return Emit(TokenKind.Declare);
            case '|':
                return Single(TokenKind.Pipe);
            case '"':
                return Quoted('"', TokenKind.String, "unterminated quoted string");
            case '\'':
                return Quoted('\'', TokenKind.CharacterConstant, "unterminated character constant");
            case '`':
                return Raw();
            case '(':
                _parentheses++;
                return Single(TokenKind.LeftParenthesis);
            case ')':
                if (--_parentheses < 0) return Fail("unexpected right paren");
                return Single(TokenKind.RightParenthesis);
            case '.' when !char.IsAsciiDigit(Peek(1)):
                return Word(TokenKind.Field);
            case '$':
                return Word(TokenKind.Variable);
        }

        if (c is '+' or '-' or '.' || char.IsAsciiDigit(c)) return Number();
        if (IsWordCharacter(_at, out _)) return Word(TokenKind.Identifier);
        if (c is > ' ' and < '\x7f') return Single(TokenKind.Character);
        return Fail($"unrecognized character in action: {Named(_at)}");
    }

    private bool Space()
    {
        while (_at < _text.Length && IsSpace(_text[_at]))
        {
            // The space before a trimming right delimiter belongs to it.
            if (_text.AsSpan(_at + 1).StartsWith("-" + Right)) break;
            _at++;
        }

        if (_at == _start) return true;
        return Emit(TokenKind.Space);
    }

    private bool Quoted(char quote, TokenKind kind, string unterminated)
    {
        for (_at++; _at < _text.Length && _text[_at] != '\n'; _at++)
        {
            if (_text[_at] == '\\') _at++;
            else if (_text[_at] == quote)
            {
                _at++;
                return Emit(kind);
            }
        }

        return Fail(unterminated);
    }

    private bool Raw()
    {
        int close = _text.IndexOf('`', _at + 1);
        if (close < 0) return Fail("unterminated raw quoted string");
        _at = close + 1;
        return Emit(TokenKind.RawString);
    }

    /// <summary>A name: after a dot a field, after a dollar a variable, else a keyword, a truth value or a function.</summary>
    private bool Word(TokenKind kind)
    {
        if (kind != TokenKind.Identifier) _at++;
        while (IsWordCharacter(_at, out int length)) _at += length;
        if (!AtTerminator()) return Fail($"bad character {Named(_at)}");
        string word = _text[_start.._at];
        if (Keywords.TryGetValue(word, out TokenKind keyword)) kind = keyword;
        else if (word is "true" or "false") kind = TokenKind.Bool;
        return Emit(kind);
    }

    private bool Number()
    {
        if (_text[_at] is '+' or '-') _at++;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '.' or '_' || IsExponentSign())) _at++;
        string number = _text[_start.._at];
        return TemplateNumber.TryParse(number, out _) ? Emit(TokenKind.Number) : Fail($"bad number syntax: {GoText.Quote(number)}");
    }

    private bool IsExponentSign()
    {
        if (_text[_at] is not ('+' or '-')) return false;
        bool isHex = _text.AsSpan(_start, _at - _start).Contains("0x", StringComparison.OrdinalIgnoreCase);
        return char.ToLowerInvariant(_text[_at - 1]) == (isHex ? 'p' : 'e');
    }

    private bool AtTerminator() =>
        _at >= _text.Length || IsSpace(_text[_at]) || _text[_at] is '.' or ',' or '|' or ':' or ')' or '(' || _text.AsSpan(_at).StartsWith(Right);

    private bool AtRight(out bool trims)
    {
        ReadOnlySpan<char> rest = _text.AsSpan(_at);
        trims = rest.Length > 1 && IsSpace(rest[0]) && rest[1..].StartsWith("-" + Right);
        return trims || rest.StartsWith(Right);
    }

    private bool Trims(int at) => at + 1 < _text.Length && _text[at] == '-' && IsSpace(_text[at + 1]);

    private int Trimmed(int from, int to)
    {
        while (to > from && IsSpace(_text[to - 1])) to--;
        return to;
    }

    private void SkipSpace()
    {
        int at = _at;
        while (at < _text.Length && IsSpace(_text[at])) at++;
        Skip(at);
    }

    private char Peek(int distance) => _at + distance < _text.Length ? _text[_at + distance] : '\0';

    private bool IsWordCharacter(int at, out int length)
    {
        length = 0;
        if (at >= _text.Length || !System.Text.Rune.TryGetRuneAt(_text, at, out System.Text.Rune rune)) return false;
        length = rune.Utf16SequenceLength;
        return rune.Value == '_' || System.Text.Rune.IsLetter(rune) || System.Text.Rune.IsDigit(rune);
    }

    /// <summary>A character as messages name it: <c>U+00E9 'é'</c>.</summary>
    private string Named(int at)
    {
        if (!System.Text.Rune.TryGetRuneAt(_text, at, out System.Text.Rune rune)) rune = System.Text.Rune.ReplacementChar;
        return $"U+{rune.Value:X4} '{rune}'";
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private bool Single(TokenKind kind)
    {
        _at++;
        return Emit(kind);
    }

    private bool Emit(TokenKind kind)
    {
        _tokens.Add(new TemplateToken(kind, _text[_start.._at], _start, _startLine));
        Skip(_at);
        return true;
    }

    /// <summary>Goes on behind what was read, without a token for it.</summary>
    private void Skip(int to)
    {
        _at = to;
        _line += _text.AsSpan(_start, to - _start).Count('\n');
        _start = to;
        _startLine = _line;
    }

    private bool Fail(string message)
    {
        _tokens.Add(new TemplateToken(TokenKind.Error, message, _start, _startLine));
        return false;
    }
}
