using System.Text;

namespace Aion.PromQL;

/// <summary>
/// Cuts a query into tokens. What a character means depends on whether braces or brackets are open, and inside brackets on whether a number has
/// been seen. Errors come as a token of kind <see cref="TokenKind.Error"/>; nothing follows one.
/// </summary>
internal sealed class Lexer(byte[] text)
{
    private Mode _mode;
    private int _position;
    private int _parenDepth;
    private bool _braceOpen;
    private bool _bracketOpen;
    private bool _colonSeen;
    private bool _durationSeen;

    private enum Mode
    {
        Statement,
        Duration,
        Finished,
    }

    public byte[] Text => text;

    /// <summary>Start of the token that is being read; after an error, where it lies.</summary>
    public int TokenStart { get; private set; }

    /// <summary>The error text, once a token of kind <see cref="TokenKind.Error"/> came.</summary>
    public string ErrorMessage { get; private set; } = "";

    public Token Next()
    {
        while (true)
        {
            if (_mode == Mode.Finished) return Emit(TokenKind.EndOfInput);
            Token? token = _mode == Mode.Duration ? InDuration() : _braceOpen ? InBraces() : InStatement();
            if (token is { } found) return found;
        }
    }

    private static bool IsSpace(int rune) => rune is ' ' or '\t' or '\n' or '\r';

    private static bool IsDigit(int rune) => rune is >= '0' and <= '9';

    private static bool IsAlpha(int rune) => rune is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsAlphanumeric(int rune) => IsAlpha(rune) || IsDigit(rune);

    private int Peek() => GoRunes.Decode(text, _position, out _);

    private int Read()
    {
        int rune = GoRunes.Decode(text, _position, out int width);
        _position += width;
        return rune;
    }

    private bool Accept(byte next)
    {
        if (_position >= text.Length || text[_position] != next) return false;
        _position++;
        return true;
    }

    private Token Emit(TokenKind kind)
    {
        var token = new Token(kind, TokenStart, _position);
        TokenStart = _position;
        return token;
    }

    private Token Fail(string message)
    {
        ErrorMessage = message;
        _mode = Mode.Finished;
        return new Token(TokenKind.Error, TokenStart, TokenStart + Encoding.UTF8.GetByteCount(message));
    }

    private Token? SkipSpace()
    {
        while (_position < text.Length && IsSpace(text[_position])) _position++;
        TokenStart = _position;
        return null;
    }

    private Token? SkipComment()
    {
        while (_position < text.Length && text[_position] is not ((byte)'\n' or (byte)'\r')) _position++;
        TokenStart = _position;
        return null;
    }

    private Token? InStatement()
    {
        int rune = Read();
        switch (rune)
        {
            case GoRunes.End:
                if (_parenDepth != 0) return Fail("unclosed left parenthesis");
                if (_bracketOpen) return Fail("unclosed left bracket");
                _mode = Mode.Finished;
                return Emit(TokenKind.EndOfInput);
            case '#': return SkipComment();
            case ' ' or '\t' or '\n' or '\r': return SkipSpace();
            case '=':
                if (Accept((byte)'=')) return Emit(TokenKind.Equal);
                return Peek() == '~' ? Fail("unexpected character after '=': '~'") : Emit(TokenKind.Assign);
            case '!':
                int next = Read();
                return next == '=' ? Emit(TokenKind.NotEqual) : Fail($"unexpected character after '!': {GoRunes.Quote(next)}");
            case '<': return Emit(Accept((byte)'=') ? TokenKind.LessOrEqual : Accept((byte)'/') ? TokenKind.TrimUpper : TokenKind.Less);
            case '>': return Emit(Accept((byte)'=') ? TokenKind.GreaterOrEqual : Accept((byte)'/') ? TokenKind.TrimLower : TokenKind.Greater);
            case '"' or '\'' or '`': return ReadString(rune);
            case '@': return Emit(TokenKind.At);
            case '{':
                _braceOpen = true;
                return Emit(TokenKind.LeftBrace);
            case '[': return OpenBracket();
            case ']': return CloseBracket();
            default: return ArithmeticOrParen(rune) ?? WordOrNumber(rune);
        }
    }

    private Token? ArithmeticOrParen(int rune)
    {
        switch (rune)
        {
            case ',': return Emit(TokenKind.Comma);
            case '+': return Emit(TokenKind.Add);
            case '-': return Emit(TokenKind.Subtract);
            case '*': return Emit(TokenKind.Multiply);
            case '/': return Emit(TokenKind.Divide);
            case '%': return Emit(TokenKind.Modulo);
            case '^': return Emit(TokenKind.Power);
            case '(':
                _parenDepth++;
                return Emit(TokenKind.LeftParen);
            case ')':
                Token token = Emit(TokenKind.RightParen);
                return --_parenDepth < 0 ? Fail("unexpected right parenthesis ')'") : token;
            default: return null;
        }
    }

    private Token WordOrNumber(int rune)
    {
        if (IsDigit(rune) || (rune == '.' && IsDigit(Peek()))) return ReadNumber();
        if (!IsAlpha(rune) && rune != ':') return Fail($"unexpected character: {GoRunes.Quote(rune)}");
        if (!_bracketOpen) return ReadWord();
        if (rune == ':')
        {
            if (_colonSeen) return Fail("unexpected colon ':'");
            _colonSeen = true;
            return Emit(TokenKind.Colon);
        }

        return ReadDurationWord(rune) ?? Fail($"unexpected character: {GoRunes.Quote(rune)}, expected ':'");
    }

    private Token OpenBracket()
    {
        if (_bracketOpen) return Fail("unexpected left bracket '['");
        Token token = Emit(TokenKind.LeftBracket);
        _colonSeen = false;
        _bracketOpen = true;
        _mode = Mode.Duration;
        SkipSpace();
        return token;
    }

    private Token CloseBracket()
    {
        if (!_bracketOpen) return Fail("unexpected right bracket ']'");
        _bracketOpen = false;
        return Emit(TokenKind.RightBracket);
    }

    /// <summary>Between an opening bracket and its first number.</summary>
    private Token? InDuration()
    {
        int rune = Read();
        switch (rune)
        {
            case GoRunes.End: return Fail("unexpected end of input in duration expression");
            case ' ' or '\t' or '\n' or '\r': return SkipSpace();
            case ']':
                _mode = Mode.Statement;
                _bracketOpen = false;
                _colonSeen = false;
                return Emit(TokenKind.RightBracket);
            case ':':
                Token colon = Emit(TokenKind.Colon);
                if (!_durationSeen) return Fail("unexpected colon before duration in duration expression");
                if (_colonSeen) return Fail("unexpected repeated colon in duration expression");
                _colonSeen = true;
                return colon;
        }

        if (ArithmeticOrParen(rune) is { } token) return token;
        if (IsDigit(rune) || (rune == '.' && IsDigit(Peek())))
        {
            _durationSeen = true;
            _mode = Mode.Statement;
            return ReadNumber();
        }

        return ReadDurationWord(rune) ?? Fail($"unexpected character in duration expression: {GoRunes.Quote(rune)}");
    }

    private Token? ReadDurationWord(int first)
    {
        if (first is not ('s' or 'S' or 'r' or 'R' or 'm' or 'M')) return null;
        while (_position < text.Length && IsAlpha(text[_position])) _position++;
        TokenKind kind = Keywords.FindInDuration(text.AsSpan(TokenStart, _position - TokenStart));
        return kind == TokenKind.None ? null : Emit(kind);
    }

    private Token? InBraces()
    {
        int rune = Read();
        switch (rune)
        {
            case GoRunes.End: return Fail("unexpected end of input inside braces");
            case '#': return SkipComment();
            case ' ' or '\t' or '\n' or '\r': return SkipSpace();
            case ',': return Emit(TokenKind.Comma);
            case '"' or '\'' or '`': return ReadString(rune);
            case '=': return Emit(Accept((byte)'~') ? TokenKind.MatchRegex : TokenKind.Assign);
            case '!':
                int next = Read();
                if (next == '~') return Emit(TokenKind.MatchNotRegex);
                return next == '=' ? Emit(TokenKind.NotEqual) : Fail($"unexpected character after '!' inside braces: {GoRunes.Quote(next)}");
            case '{': return Fail("unexpected left brace '{'");
            case '}':
                _braceOpen = false;
                return Emit(TokenKind.RightBrace);
        }

        if (!IsAlpha(rune)) return Fail($"unexpected character inside braces: {GoRunes.Quote(rune)}");
        while (_position < text.Length && IsAlphanumeric(text[_position])) _position++;
        return Emit(TokenKind.Identifier);
    }

    private Token ReadWord()
    {
        var colon = text[TokenStart] == ':';
        for (; _position < text.Length && (IsAlphanumeric(text[_position]) || text[_position] == ':'); _position++)
            colon |= text[_position] == ':';
        if (colon) return Emit(TokenKind.MetricIdentifier);
        TokenKind keyword = Keywords.Find(text.AsSpan(TokenStart, _position - TokenStart));
        if (keyword is TokenKind.None || (keyword is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight && !LeftParenFollows()))
            return Emit(TokenKind.Identifier);
        return Emit(keyword);
    }

    private bool LeftParenFollows()
    {
        int at = _position;
        while (at < text.Length && IsSpace(text[at])) at++;
        return at < text.Length && text[at] == '(';
    }

    private Token ReadString(int quote)
    {
        while (true)
        {
            int rune = Read();
            if (rune == quote) return Emit(TokenKind.String);
            switch (rune)
            {
                case GoRunes.Invalid: return Fail("invalid UTF-8 rune");
                case GoRunes.End: return Fail(quote == '`' ? "unterminated raw string" : "unterminated quoted string");
                case '\n' when quote != '`': return Fail("unterminated quoted string");
                case '\\' when quote != '`':
                    if (CheckEscape(quote) is { } message) return Fail(message);
                    break;
            }
        }
    }

    /// <summary>Reads what follows a backslash; returns what is wrong with it, or null.</summary>
    private string? CheckEscape(int quote)
    {
        int rune = Read();
        if (rune == quote) return null;
        var (digits, radix, max) = rune switch
        {
            'a' or 'b' or 'f' or 'n' or 'r' or 't' or 'v' or '\\' => (0, 0, 0u),
            >= '0' and <= '7' => (3, 8, 255u),
            'x' => (2, 16, 255u),
            'u' => (4, 16, 0x10FFFFu),
            'U' => (8, 16, 0x10FFFFu),
            _ => (-1, 0, 0u),
        };
        if (digits < 0) return rune == GoRunes.End ? "escape sequence not terminated" : $"unknown escape sequence {GoRunes.Describe(rune)}";
        if (digits == 0) return null;
        if (radix == 16) rune = Read();
        uint value = 0;
        for (int left = digits; left > 0; left--)
        {
            int digit = rune < 128 && rune >= 0 && char.IsAsciiHexDigit((char)rune) ? Convert.ToInt32(((char)rune).ToString(), 16) : 16;
            if (rune == GoRunes.End) return "escape sequence not terminated";
            if (digit >= radix) return $"illegal character {GoRunes.Describe(rune)} in escape sequence";
            value = unchecked((value * (uint)radix) + (uint)digit);
            if (left > 1) rune = Read();
        }

        return value > max || value is >= 0xD800 and < 0xE000 ? "escape sequence is an invalid Unicode code point" : null;
    }

    private Token ReadNumber()
    {
        _position = TokenStart;
        var scanner = new NumberScanner(text, _position);
        if (scanner.TryNumber())
        {
            _position = scanner.Position;
            return Emit(TokenKind.Number);
        }

        bool isDuration = scanner.TryRestOfDuration();
        _position = scanner.Position;
        if (isDuration) return Emit(TokenKind.Duration);
        return Fail($"bad number or duration syntax: {GoStrings.Quote(text.AsSpan(TokenStart, _position - TokenStart))}");
    }
}
